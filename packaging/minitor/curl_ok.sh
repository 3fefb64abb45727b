#!/bin/sh
# Succeeds when every URL answers, and not with an error.
#   curl_ok.sh URL...
if [ $# -eq 0 ]; then
	echo "usage: $0 URL..." >&2
	exit 2
fi
for url in "$@"; do
	curl --silent --show-error --fail --location --max-time 60 --output /dev/null -- "$url" || exit
done

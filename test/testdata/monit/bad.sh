#!/bin/sh
echo something is bad >&2
exit 3

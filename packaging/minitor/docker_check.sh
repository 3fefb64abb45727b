#!/bin/sh
# Ends with the exit status of a container, which is 0 while it runs; of one that has failed it prints the last lines.
#   docker_check.sh NAME [LINES]
. "${0%/*}/docker.sh"
inspect "$@"
status=$(field .State.ExitCode)
[ "$status" = 0 ] || show_log "$1" "$2"
exit "$status"

#!/bin/sh
# Succeeds when the health check of a container does, has not come to a result, or does not exist; else it prints the last
# lines of the container.
#   docker_healthcheck.sh NAME [LINES]
. "${0%/*}/docker.sh"
inspect "$@"
health=$(field '.State.Health.Status // "none"')
echo "$1: $health"
case $health in
starting | healthy | none) exit 0 ;;
esac
show_log "$1" "$2"
exit 1

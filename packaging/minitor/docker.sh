# What docker_check.sh and docker_healthcheck.sh share. The daemon is asked at its socket, or at $DOCKER_HOST as HOST:PORT.

# docker_get PATH
docker_get() {
	if [ -n "$DOCKER_HOST" ]; then
		curl --silent --show-error --fail --max-time 60 "http://${DOCKER_HOST#tcp://}$1"
	else
		curl --silent --show-error --fail --max-time 60 --unix-socket /var/run/docker.sock "http://docker$1"
	fi
}

# inspect NAME: asks for the state of a container.
inspect() {
	case $1 in
	'' | *[!A-Za-z0-9_.-]*)
		echo "usage: $0 NAME [LINES]" >&2
		exit 2
		;;
	esac
	state=$(docker_get "/containers/$1/json") || exit
}

# field FILTER: what a filter of jq finds in the state.
field() { printf '%s' "$state" | jq -r "$1"; }

# show_log NAME LINES: without a terminal, Docker puts 8 bytes in front of each line.
show_log() {
	case $2 in
	'' | *[!0-9]*) return ;;
	esac
	if [ "$(field .Config.Tty)" = true ]; then
		docker_get "/containers/$1/logs?stdout=1&stderr=1&tail=$2"
	else
		docker_get "/containers/$1/logs?stdout=1&stderr=1&tail=$2" | LC_ALL=C cut -b 9-
	fi
}

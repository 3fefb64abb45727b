#!/bin/sh
# svc.sh start|stop NAME: what the services of the control file are started and stopped with.
cd "${0%/*}" || exit 1
case "$1 $2" in
"start appd")
	sleep 100000 >/dev/null 2>&1 </dev/null &
	echo $! >appd.pid
	;;
"start jobd")
	tail -f "$PWD/queue" >/dev/null 2>&1 </dev/null &
	echo $! >jobd.pid
	;;
stop*) kill "$(cat "$2.pid")" && rm "$2.pid" ;;
esac

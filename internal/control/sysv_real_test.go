package control

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestRealSysV(t *testing.T) { // S-24
	if _, err := exec.LookPath("start-stop-daemon"); err != nil {
		t.Skip("start-stop-daemon is not installed")
	}
	l := newLiving(t)
	if err := os.MkdirAll(filepath.Join(l.dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	l.write(t, "etc/init.d/web", `### BEGIN INIT INFO
# Provides: web
### END INIT INFO
NAME=web
PIDFILE=/run/$NAME.pid
FILE=`+l.dir+`$PIDFILE
case "$1" in
start) start-stop-daemon --start --quiet --background --make-pidfile --pidfile $FILE --startas `+l.script+` ;;
stop) start-stop-daemon --stop --quiet --oknodo --retry 10 --pidfile $FILE --remove-pidfile ;;
restart|force-reload) $0 stop; $0 start ;;
reload) start-stop-daemon --stop --signal HUP --quiet --pidfile $FILE ;;
status) if [ ! -e $FILE ]; then echo stopped; exit 3; fi; echo dead; exit 1 ;;
*) echo "usage: $0 start|stop" ;;
esac
`)
	l.write(t, "etc/init.d/broken", `case "$1" in
start) echo "no port" >&2; exit 1 ;;
status) exit 3 ;;
esac
`)
	u := onlyOn(t, "sysv", UnitOptions{Root: l.dir})
	lifecycle(t, u, "sysv", l, false)
	fails(t, u, "broken", `.*/broken start exited with 1: no port`, "no port")
}

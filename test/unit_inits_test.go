package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

var initStories = []initStory{
	{
		system: "systemd", boot: bootForUnits, services: systemdServices,
		again: `killed by signal 9; systemd (is about to start it again|started it again, pid \d+ -> \d+)`,
		left:  `killed by signal 9; systemd does not start it again`,
	},
	{
		system: "systemd --user", boot: bootUserManager, services: userServices,
		again: `killed by signal 9; systemd --user (is about to start it again|started it again, pid \d+ -> \d+)`,
		left:  `killed by signal 9; systemd --user does not start it again`,
	},
	{
		system: "runit", boot: bootRunit, services: runitServices,
		again: `runit (is about to start it again|started it again, pid \d+ -> \d+)`,
		left:  `runit says: down`,
	},
	{
		system: "s6", boot: bootS6, services: s6Services,
		again: `killed by signal 9; s6 (is about to start it again|started it again, pid \d+ -> \d+)`,
		left:  `killed by signal 9; s6 says: down`,
	},
	{
		system: "openrc", boot: bootOpenRC, services: openrcServices,
		again: `(its process is gone; openrc is about to start it again|openrc started it again, pid \d+ -> \d+)`,
		left:  `its process is gone; openrc does not start it again`,
	},
	{
		system: "supervisord", boot: bootSupervisord, services: supervisordServices,
		again: `supervisord started it again, pid \d+ -> \d+`,
		left:  `killed by a signal; supervisord does not start it again`,
	},
	{
		system: "sysv", boot: bootSysV, services: sysvServices, idle: true,
		left: `sysv says: no process of /run/once.pid`,
	},
	{
		system: "docker", boot: bootDocker, services: dockerServices,
		again: `killed by signal 9; docker (is about to start it again|started it again, pid \d+ -> \d+)`,
		left:  `killed by signal 9; docker says: exited`,
	},
}

func bootForUnits(t *testing.T) (*place, string) {
	m := bootMachine(t)
	must(t, "install", "-m", "755", binary, m.path("/usr/bin/orderly"))
	m.sh("mkdir /srv/story")
	return &m.place, "/srv/story"
}

func systemdServices(p *place, dir string) { p.units("/etc/systemd/system", dir, "systemctl") }

// units writes the units of the story to where a manager finds them, and starts them.
func (p *place) units(where, dir, systemctl string) {
	p.t.Helper()
	for name, again := range map[string]string{"web": "always", "once": "no", "loop": "always"} {
		p.program(where+"/"+name+".service", fmt.Sprintf(`[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=%s/%s
ExecReload=/bin/kill -HUP $MAINPID
Restart=%s
RestartSec=100ms
`, dir, name, again))
	}
	p.sh(systemctl + " daemon-reload && " + systemctl + " start web once loop")
}

// bootUserManager has an ordinary user watch what their own manager runs.
func bootUserManager(t *testing.T) (*place, string) {
	p, _ := bootForUnits(t)
	const user, run = "65534", "/run/user/65534"
	p.sh("install -d -o " + user + " -m 700 " + run + " /srv/home && systemd-run --quiet --unit=manager --service-type=notify --uid=" + user +
		" -p Delegate=yes -E XDG_RUNTIME_DIR=" + run + " -E HOME=/srv/home /lib/systemd/systemd --user --unit=basic.target")
	p.enter = append(p.enter, "setpriv", "--reuid="+user, "--regid="+user, "--clear-groups", "env", "HOME=/srv/home", "XDG_RUNTIME_DIR="+run)
	return p, "/srv/home"
}

func userServices(p *place, dir string) {
	where := dir + "/.config/systemd/user"
	p.sh("mkdir -p " + where)
	p.units(where, dir, "systemctl --user")
}

func bootRunit(t *testing.T) (*place, string) {
	for _, program := range []string{"runsvdir", "sv"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("runit is not installed: %v", err)
		}
	}
	dir := t.TempDir()
	svc := filepath.Join(dir, "svc")
	path := filepath.Dir(binary) + string(filepath.ListSeparator) + os.Getenv("PATH")
	return &place{t, []string{"env", "SVDIR=" + svc, "PATH=" + path}}, dir
}

func runitServices(p *place, dir string) {
	svc := dir + "/svc"
	p.directories(svc, dir)
	p.t.Cleanup(func() { // the supervisors of services end after the one of all
		p.eventually("runit has ended", "for s in web once loop; do sv status $s | grep 'runsv not running' || exit 1; done")
	})
	p.background(syscall.SIGHUP, "runsvdir", "-P", svc)
	p.eventually("runit is there", "sv status web && sv status loop && sv once once")
}

// directories makes the directories of services as runit and s6 have them. once is not started.
func (p *place) directories(where, dir string) {
	p.t.Helper()
	for _, name := range []string{"web", "once", "loop"} {
		p.sh("mkdir -p " + where + "/" + name)
		p.program(where+"/"+name+"/run", "#!/bin/sh\nexec "+dir+"/"+name+"\n")
	}
	p.sh("touch " + where + "/once/down")
}

func bootS6(t *testing.T) (*place, string) {
	dir := t.TempDir()
	return bootPlace(t, "s6-svscan", "s6-svc"), dir
}

func s6Services(p *place, dir string) {
	p.directories("/run/service", dir)
	p.background(syscall.SIGTERM, "s6-svscan", "/run/service")
	p.eventually("s6 is there", "cd /run/service && s6-svok web && s6-svok loop && s6-svok once")
	p.sh("s6-svc -o /run/service/once")
}

func bootOpenRC(t *testing.T) (*place, string) {
	dir := t.TempDir()
	return bootPlace(t, "rc-service", "openrc-run", "supervise-daemon"), dir
}

// openrcServices hides the control groups of this host, which OpenRC would use, and its scripts.
func openrcServices(p *place, dir string) {
	p.sh(`umount -R /sys/fs/cgroup
rm -f /etc/init.d/*
cd /run && mkdir openrc && cd openrc
mkdir started starting stopping inactive wasinactive failed exclusive daemons options scheduled hotplugged tmp
echo default >softlevel`)
	for name, keeping := range map[string]string{
		"web":  "supervisor=supervise-daemon\nrespawn_max=0\nreload() { supervise-daemon $RC_SVCNAME --signal HUP; }\n",
		"loop": "supervisor=supervise-daemon\nrespawn_max=0\nrespawn_delay=1\n",
		"once": "command_background=yes\npidfile=/run/$RC_SVCNAME.pid\n",
	} {
		p.program("/etc/init.d/"+name, "#!/sbin/openrc-run\ncommand="+dir+"/"+name+"\nextra_started_commands=reload\n"+keeping)
		p.sh("rc-service " + name + " start")
	}
}

func bootSupervisord(t *testing.T) (*place, string) {
	dir := t.TempDir()
	return bootPlace(t, "supervisord"), dir
}

func supervisordServices(p *place, dir string) {
	conf := `[unix_http_server]
file=/run/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
logfile=%[1]s/log
pidfile=/run/supervisord.pid
childlogdir=%[1]s
`
	for _, name := range []string{"web", "once", "loop"} {
		conf += "[program:" + name + "]\ncommand=%[1]s/" + name + "\nstartsecs=0\nautorestart=" + strconv.FormatBool(name != "once") + "\n"
	}
	p.program(dir+"/supervisord.conf", fmt.Sprintf(conf, dir))
	p.background(syscall.SIGTERM, "supervisord", "-n", "-c", dir+"/supervisord.conf")
	p.eventually("supervisord is there", "test -S /run/supervisor.sock")
}

func bootSysV(t *testing.T) (*place, string) {
	dir := t.TempDir()
	return bootPlace(t, "start-stop-daemon"), dir
}

func sysvServices(p *place, dir string) {
	p.sh("rm -f /etc/init.d/*")
	for _, name := range []string{"web", "once"} {
		p.program("/etc/init.d/"+name, fmt.Sprintf(`#!/bin/sh
### BEGIN INIT INFO
# Provides: %[2]s
### END INIT INFO
PIDFILE=/run/%[2]s.pid
case "$1" in
start) start-stop-daemon --start --quiet --background --make-pidfile --pidfile $PIDFILE --startas %[1]s/%[2]s ;;
stop) start-stop-daemon --stop --quiet --oknodo --retry 10 --pidfile $PIDFILE --remove-pidfile ;;
restart|force-reload) $0 stop; $0 start ;;
reload) start-stop-daemon --stop --signal HUP --quiet --pidfile $PIDFILE ;;
*) echo "usage: $0 start|stop|restart|reload" >&2; exit 2 ;;
esac
`, dir, name))
		p.sh("/etc/init.d/" + name + " start")
	}
}

func bootDocker(t *testing.T) (*place, string) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skipf("busybox-static is not installed: %v", err)
	}
	if out, err := exec.Command("ldd", busybox).CombinedOutput(); err == nil {
		t.Skipf("busybox is not static: %s", out)
	}
	dir := t.TempDir()
	t.Cleanup(func() {
		left, _ := filepath.Glob("/sys/fs/cgroup/*" + dockerGroup(dir))
		for _, g := range append(left, "/sys/fs/cgroup"+dockerGroup(dir)) {
			removeCgroup(g)
		}
	})
	p := bootPlace(t, "docker", "dockerd", "tar")
	p.sh("mkdir -p " + dir + "/image/bin && cp " + busybox + " " + dir + "/image/bin/sh")
	return p, dir
}

// dockerGroup is where the control groups of containers are, below the top of each hierarchy.
func dockerGroup(dir string) string { return "/orderly-" + filepath.Base(filepath.Dir(dir)) }

// dockerServices are containers of an image with nothing but a shell.
func dockerServices(p *place, dir string) {
	p.background(syscall.SIGTERM, "dockerd", "--data-root", dir+"/data", "--exec-root", "/run/docker", "--pidfile", "/run/docker.pid",
		"-H", "unix:///run/docker.sock", "--cgroup-parent", dockerGroup(dir),
		"--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs", "--userland-proxy=false")
	p.eventually("dockerd is there", "docker version")
	p.sh("tar -C " + dir + "/image -c . | docker import - story:1")
	for name, again := range map[string]string{"web": "on-failure", "once": "no", "loop": "on-failure"} {
		p.sh(strings.Join([]string{"docker run --detach --net host --name", name, "--restart", again, "-v", dir + ":" + dir, "story:1", dir + "/" + name}, " "))
	}
}

package child

import (
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	sweepTimeout = 2 * time.Second
	environBytes = 256 << 10 // more than this of an environment is not looked at
)

// Sweep kills what check programs of earlier runs of the instance left behind when the daemon was killed, and returns
// how many processes that were. The check programs themselves have died with the daemon; this is for the processes
// they had started. To be called before the first check, once nothing of an earlier run is alive.
//
// A check may as well have started a daemon, which must live. So a process is spared if it leads a session or
// belongs to one whose leader lives, and if its output no longer goes to a pipe: both say that it has detached.
//
// Reading about a process can hang in the kernel. Sweep then returns after two seconds with what was done so far.
func Sweep(instance string) (killed int) {
	var count atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		sweep(instance, &count)
	}()
	timer := time.NewTimer(sweepTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	return int(count.Load())
}

func sweep(instance string, count *atomic.Int64) {
	proc, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	buf := make([]byte, environBytes)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == os.Getpid() || !isOrphan(pid, instance, buf) {
			continue
		}
		// From here on the process is held by a handle, which a new process of the same number is not.
		process, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		if isOrphan(pid, instance, buf) && process.Kill() == nil {
			count.Add(1)
		}
		_ = process.Release()
	}
}

// isOrphan tells whether a process is left over from a check of an earlier run.
func isOrphan(pid int, instance string, buf []byte) bool {
	dir := "/proc/" + strconv.Itoa(pid)
	return isStale(readEnviron(dir+"/environ", buf), instance) && hasLostLeader(pid) &&
		(isPipe(dir+"/fd/1") || isPipe(dir+"/fd/2"))
}

func readEnviron(path string, buf []byte) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	n, _ := io.ReadFull(file, buf)
	return string(buf[:n])
}

// hasLostLeader tells whether the leader of the process's session is dead. It may be a zombie for long where the
// first process does not reap, as in many containers.
func hasLostLeader(pid int) bool {
	session, err := unix.Getsid(pid)
	if err != nil || session <= 0 || session == pid {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(session) + "/stat")
	if err != nil {
		return os.IsNotExist(err)
	}
	_, state, _ := strings.Cut(string(stat), ") ") // "4711 (name) Z ...": a name that confuses this spares the process
	return strings.HasPrefix(state, "Z")
}

func isPipe(path string) bool {
	target, err := os.Readlink(path)
	return err == nil && strings.HasPrefix(target, "pipe:")
}

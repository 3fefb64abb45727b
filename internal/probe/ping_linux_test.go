package probe

import (
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"orderly/internal/model"
)

// actAs changes the effective user of the calling thread alone.
func actAs(uid int) syscall.Errno {
	keep := ^uintptr(0)
	_, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, keep, uintptr(uid), keep)
	return errno
}

func TestPingWithoutPermissionSaysNothing(t *testing.T) { // T-host-pingskip
	if os.Getuid() != 0 {
		t.Skip("only root can give up its rights")
	}
	if groups, _ := os.ReadFile("/proc/sys/net/ipv4/ping_group_range"); !strings.HasPrefix(string(groups), "1\t0") {
		t.Skip("everybody may ping here")
	}
	runtime.LockOSThread()
	if errno := actAs(65534); errno != 0 {
		t.Skip("cannot become another user:", errno)
	}
	r := Run(t.Context(), &model.Probe{Kind: model.ProbePing, Host: "127.0.0.1", Timeout: time.Second})
	if errno := actAs(0); errno != 0 {
		t.Fatal("cannot become root again:", errno) // the thread ends with this goroutine
	}
	runtime.UnlockOSThread()
	if !r.Skipped || r.OK || !strings.HasPrefix(r.Summary, "cannot ping 127.0.0.1: not permitted to use ICMP") {
		t.Errorf("result %+v", r)
	}
}

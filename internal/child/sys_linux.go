package child

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// prepareThread makes the calling thread, which must be locked, the one that forks.
func prepareThread() {
	// With file system attributes of its own the thread can have the umask programs are meant to get.
	if unix.Unshare(unix.CLONE_FS) == nil {
		unix.Umask(0o022)
	}
	// Descriptors orderly was itself started with are not for the programs it runs. Those opened later are
	// closed on exec in any case. Kernels before 5.11 cannot do this and hand them down.
	_ = unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC)
}

// attributes are the parts of a Spec that the kernel knows.
func attributes(spec *Spec, pidfd *int) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true, PidFD: pidfd, Credential: spec.Credential.system()}
	if spec.DieWithParent {
		attr.Pdeathsig = syscall.SIGKILL
	}
	return attr
}

func openPipe(p *[2]int) error {
	return os.NewSyscallError("pipe2", unix.Pipe2(p[:], unix.O_CLOEXEC))
}

// awaitExit returns when the process has ended, without reaping it.
func awaitExit(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

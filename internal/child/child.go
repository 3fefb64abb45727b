// Package child runs one external program, bounded in every direction: in time, in the output that is kept, and in what
// it can leave behind. The entry point is [Run]. No shell is ever involved.
//
// A program runs in a session and process group of its own, with umask 022, with /dev/null as standard input and
// without any other descriptor of ours. [Lookup] finds the credentials of a user, [Sweep] ends what the checks of a killed
// daemon left behind.
package child

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// DefaultGrace is the grace of a [Spec] that names none.
const DefaultGrace = time.Second

// A Spec says what to run and how. Only Args must be set.
type Spec struct {
	Args       []string    // program and arguments; a name without a slash is looked up in the PATH of Env
	Env        []string    // the complete environment, "NAME=value"
	Dir        string      // working directory; "" means the one orderly had when it ran its first program
	Credential *Credential // nil: as we are

	Timeout time.Duration // from the call on; 0: none
	Grace   time.Duration // between SIGTERM and SIGKILL when the program has to end; 0: DefaultGrace
	Keep    int           // bytes of output kept, standard error first unless merged; the rest is read and dropped
	Linger  time.Duration // after the program has ended: wait this long for output of processes it left behind
	Discard bool          // output goes to /dev/null
	Merge   bool          // standard error is standard output, so that their order shows; of too much the end is kept

	// DieWithParent has the kernel kill the program when this process dies, however it dies.
	DieWithParent bool

	// Detach is for programs that start daemons. The end of ctx does not end the program, and it ignores SIGPIPE as what
	// it starts then does, so a daemon survives writing to an output that nobody reads any more.
	Detach bool

	// Leave is asked at the timeout, if it is set. The program is not ended but left to itself when it returns true.
	Leave func() bool
}

// A Credential is who a program runs as.
type Credential struct {
	UID, GID uint32
	Groups   []uint32 // supplementary
}

// A Result tells how a program ended. Without Signaled, Status is its exit status; a program that was left to itself has
// no status.
type Result struct {
	Status    int  // exit status, or the number of the signal that ended it
	Signaled  bool // ended by a signal, ours included
	TimedOut  bool // had not ended by itself at the timeout
	Left      bool // still ran at the timeout or at the end of ctx, and was left running
	Stdout    string
	Stderr    string
	Truncated bool          // there was more output than Keep
	Took      time.Duration // from the call until it ended or was left
}

// Run runs a program and waits until it has ended. At the timeout, or when ctx ends, the program and everything in its
// process group is ended; what it started and what outlives its own end is never touched.
//
// A program that fails is not an error: see Result. It is an error when the program cannot be run ("cannot run
// /bin/x: permission denied"), when ctx has ended first (ctx.Err() is wrapped), and when it does not even end when it
// is killed. Run itself always returns within the timeout, the grace and two seconds, or Linger.
func Run(ctx context.Context, spec Spec) (Result, error) {
	r := run{spec: &spec, begin: time.Now()}
	if spec.Timeout > 0 {
		r.limit = r.begin.Add(spec.Timeout)
	}
	if err := r.start(ctx); err != nil {
		return Result{Took: time.Since(r.begin)}, spec.explain(err)
	}
	defer r.out.close()
	res, err := r.supervise(ctx)
	res.Stderr, res.Stdout, res.Truncated = r.out.text()
	res.Took = time.Since(r.begin)
	return res, err
}

func (s *Spec) name() string {
	if len(s.Args) == 0 {
		return "nothing"
	}
	return s.Args[0]
}

// explain says why the program did not even start.
func (s *Spec) explain(err error) error {
	if s.Credential != nil && errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("cannot run %s as uid %d, gid %d: %w", s.name(), s.Credential.UID, s.Credential.GID, err)
	}
	return fmt.Errorf("cannot run %s: %w", s.name(), err)
}

package differential

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// step does one line of a scenario. It happens between two cycles, after what the last one led to:
//
//	cycle N                 wait for the end of N more cycles
//	play FILE F S ...       a cycle for each letter, without the file for F and with it for S; marked
//	mark WORD               a word in the transcript of what was run
//	sh COMMAND              run a shell command in the directory
//	open, close             let somebody answer at port @PORT@ and at the socket @DIR@/peer, or nobody
//	do VERB NAME ...        give the program a command: start, stop, restart, monitor, unmonitor; for -g GROUP or all, too
//	reload [PART]           read the control file again, which becomes that part of the scenario first
//	restart                 end the program and start it again
//	crash                   kill it and start it again
//	reboot                  end it, and start it as if the host had been started anew
func (r *run) step(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	args := strings.Fields(rest)
	switch verb {
	case "cycle":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return err
		}
		return r.cycles(n)
	case "play":
		return r.pattern(r.path(args[0]), args[1:])
	case "mark":
		return r.mark(rest)
	case "sh":
		if err := r.shell(rest); err != nil {
			return err
		}
		return r.inTime()
	case "open":
		if err := r.peer.open(); err != nil {
			return err
		}
		return r.inTime()
	case "close":
		r.peer.close()
		return r.inTime()
	case "do":
		return r.and(r.do(args[0], args[1:]...))
	case "reload":
		if rest != "" {
			if err := r.replace(rest); err != nil {
				return err
			}
		}
		return r.and(r.reload())
	case "restart":
		return r.again(syscall.SIGTERM, nil)
	case "crash":
		return r.again(syscall.SIGKILL, nil)
	case "reboot":
		return r.again(syscall.SIGTERM, r.forgetBoot)
	}
	return fmt.Errorf("there is no such step")
}

// and waits for the cycle that a command has led to.
func (r *run) and(cycle bool, err error) error {
	if err != nil || !cycle {
		return err
	}
	return r.cycles(1)
}

func (r *run) pattern(file string, letters []string) error {
	for _, letter := range letters {
		if err := r.mark(letter); err != nil {
			return err
		}
		var err error
		switch letter {
		case "F":
			if err = os.Remove(file); os.IsNotExist(err) {
				err = nil
			}
		case "S":
			err = os.WriteFile(file, nil, 0o600)
		}
		if err == nil {
			err = r.inTime()
		}
		if err == nil {
			err = r.cycles(1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) mark(word string) error {
	f, err := os.OpenFile(r.path("ran"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, word)
	return err
}

func (r *run) replace(part string) error {
	for _, f := range r.files {
		if f.Name == part {
			return r.write("control", prelude+string(f.Data)+postlude, 0o600)
		}
	}
	return fmt.Errorf("the scenario has no part %q", part)
}

func (r *run) again(end syscall.Signal, between func() error) error {
	if err := r.signal(end); err != nil {
		return err
	}
	if between != nil {
		if err := between(); err != nil {
			return err
		}
	}
	return r.start()
}

// lines are the complete lines of a file; none if there is no file.
func lines(file string) []string {
	b, _ := os.ReadFile(file)
	all := strings.Split(string(b), "\n")
	return all[:len(all)-1]
}

// gone tells whether a process has ended; whether anybody took notice does not matter.
func gone(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return true
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return bytes.HasPrefix(after, []byte("Z")) || bytes.HasPrefix(after, []byte("X"))
}

// marked lists the processes that have a variable in their environment.
func marked(variable string) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil || !slices.Contains(strings.Split(string(b), "\x00"), variable) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

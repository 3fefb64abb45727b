package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A silence for the time of a command is renewed while the command runs, so that it ends soon when we are killed.
const (
	lease        = 30 * time.Second
	leaseRenewal = 10 * time.Second
)

// Exit statuses of shells for a command that was not run, or was ended by a signal.
const (
	exitNotFound = 127
	exitSignaled = 128
)

func (p *program) maintenanceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "maintenance",
		Short: "work on services without being disturbed",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return usageError(cmd, "a command is missing") },
	}
	cmd.AddCommand(p.maintenanceRunCommand())
	return cmd
}

func (p *program) maintenanceRunCommand() *cobra.Command {
	var (
		which selection
		most  time.Duration
		calm  time.Duration
		why   string
		dash  int
	)
	cmd := &cobra.Command{
		Use:   "run [NAME... | -g GROUP | --all] [--for MAX] -- COMMAND...",
		Short: "run a command while nobody is told and nothing is repaired",
		Long: `Run a command, a deploy for example, while nobody is told of services and rules do nothing about them.
Without names that is all services. The exit status is that of the command.

However the command ends, the silence ends with it, within half a minute also when orderly itself is killed. Services
that fail then are told of then. When the daemon cannot be reached the command is run all the same.`,
		Example: `  orderly maintenance run web -- ./deploy.sh
  orderly maintenance run --all --for 10m -- apt-get upgrade`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, args []string) error {
			dash = cmd.ArgsLenAtDash()
			switch {
			case dash < 0 || dash == len(args):
				return usageError(cmd, "the command to run is missing: it stands behind --")
			case dash == 0 && which.group == "":
				which.all = true
			}
			return which.args(cmd, args[:dash])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s := model.Silence{
				ID: "run-" + strconv.Itoa(os.Getpid()), Names: args[:dash], Group: which.group, All: which.all, Hold: true,
				By: whoAsks(), Reason: why,
			}
			if s.Reason == "" {
				s.Reason = "running " + filepath.Base(args[dash])
			}
			return p.maintain(cmd.Context(), s, most, calm, args[dash:])
		},
	}
	which.flags(cmd)
	cmd.Flags().DurationVar(&most, "for", 0, "be silent for at most `MAX`, however long the command takes; 0: as long as it takes")
	cmd.Flags().DurationVar(&calm, "settle", 0, "tell of what fails at the end only `D` later; rules act meanwhile")
	cmd.Flags().StringVar(&why, "reason", "", "why, a `TEXT` that others read")
	return cmd
}

// maintain runs a command under a silence.
func (p *program) maintain(ctx context.Context, s model.Silence, most, calm time.Duration, command []string) error {
	over := time.Time{}
	if most > 0 {
		over = p.now().Add(most)
	}
	err := p.renew(ctx, s, over)
	if gone := (*client.Unreachable)(nil); errors.As(err, &gone) {
		complain(p.stderr, "running without a silence: "+gone.Why, gone.Hint)
		return p.runCommandLine(command)
	}
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // an interrupt ends the command, and that ends this
	var renewing sync.WaitGroup
	renewing.Go(func() { p.keepSilence(ctx, s, over) })
	failed := p.runCommandLine(command)
	stop()
	renewing.Wait()
	if calm > 0 && (over.IsZero() || p.now().Before(over)) {
		p.calmDown(context.WithoutCancel(ctx), s, calm)
		return failed
	}
	if err := p.client().EndSilence(context.WithoutCancel(ctx), s.ID); err != nil && (over.IsZero() || p.now().Before(over)) {
		complain(p.stderr, "cannot end the silence at once: "+err.Error(), "it ends by itself within "+lease.String())
	}
	return failed
}

// calmDown leaves a silence behind in which rules act and services may come back.
func (p *program) calmDown(ctx context.Context, s model.Silence, calm time.Duration) {
	s.Hold, s.Until = false, p.now().Add(calm)
	if _, err := p.client().Silence(ctx, s); err != nil {
		complain(p.stderr, "cannot have the silence go on for "+calm.String()+": "+err.Error(), "it ends by itself within "+lease.String())
	}
}

// renew prolongs a silence, at most until it is to be over.
func (p *program) renew(ctx context.Context, s model.Silence, over time.Time) error {
	s.Until = p.now().Add(lease)
	if !over.IsZero() && over.Before(s.Until) {
		s.Until = over
	}
	_, err := p.client().Silence(ctx, s)
	return err
}

// keepSilence renews a silence until ctx ends or the silence is to be over. A daemon that is away, because what runs
// replaces it for example, is tried again.
func (p *program) keepSilence(ctx context.Context, s model.Silence, over time.Time) {
	tick := time.NewTicker(leaseRenewal)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !over.IsZero() && !p.now().Before(over) {
			return
		}
		_ = p.renew(ctx, s, over) // the next attempt, or the end of the silence, shows
	}
}

// runCommandLine runs a command with our input and output, hands on what ends it, and returns its exit status.
func (p *program) runCommandLine(command []string) error {
	return runWith(command, p.stdout, p.stderr)
}

// straggling is how long output is waited for of what a command left behind.
const straggling = 2 * time.Second

// runWith is runCommandLine with output to elsewhere.
func runWith(command []string, stdout, stderr io.Writer) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = os.Stdin, stdout, stderr, straggling
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return &exit{exitNotFound, fmt.Sprintf("cannot run %s: %v", command[0], errors.Unwrap(err)), ""}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			if !typed(sig) { // or the command has it as well
				_ = cmd.Process.Signal(sig) // it may have ended already
			}
		case err := <-ended:
			return statusOf(cmd, err)
		}
	}
}

// typed tells whether a signal may be that of somebody at the terminal whose keys reach us, which sends it to all that runs
// there in the foreground.
func typed(sig os.Signal) bool {
	if sig != syscall.SIGINT && sig != syscall.SIGQUIT {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// statusOf turns the end of a command into ours.
func statusOf(cmd *exec.Cmd, err error) error {
	var failed *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	case !errors.As(err, &failed):
		return fmt.Errorf("cannot wait for %s: %w", cmd.Path, err)
	}
	if how, ok := failed.Sys().(syscall.WaitStatus); ok && how.Signaled() {
		return &exit{status: exitSignaled + int(how.Signal())}
	}
	return &exit{status: failed.ExitCode()}
}

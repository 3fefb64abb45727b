package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"orderly/internal/client"
	"orderly/internal/model"
)

func (p *program) beatCommand() *cobra.Command {
	var (
		sig  model.Signal
		body string
		dash int
	)
	cmd := &cobra.Command{
		Use:   "beat NAME [-- COMMAND...]",
		Short: "give a sign of life of a heartbeat",
		Long: `Give a sign of life of a heartbeat: a job that ran, a backup that worked. When the next one is overdue, people are told.
When it says that it failed they are told at once.

With a command, that is run, and what is told is that it begins, how it ended, and the end of its output. The exit status
is that of the command, also when the daemon cannot be reached.

Noted, and kept over restarts of orderly, when it returns.`,
		Example: `  backup.sh && orderly beat backup
  orderly beat backup --status $? --body - < backup.log
  orderly beat backup -- backup.sh --all`,
		ValidArgsFunction: p.completeNames,
		Args: func(cmd *cobra.Command, args []string) error {
			dash = cmd.ArgsLenAtDash()
			names := args
			if dash >= 0 {
				names = args[:dash]
			}
			flags := cmd.Flags()
			said := slices.DeleteFunc([]string{"start", "fail", "log", "status"}, func(f string) bool { return !flags.Changed(f) })
			switch {
			case len(names) != 1 || names[0] == "":
				return usageError(cmd, "which heartbeat? One is named")
			case dash == len(args):
				return usageError(cmd, "the command to run is missing behind --")
			case dash >= 0 && (len(said) > 0 || flags.Changed("body") || flags.Changed("run")):
				return usageError(cmd, "how it went is told by the command that is run")
			case len(said) > 1:
				return usageError(cmd, "either --%s or --%s", said[0], said[1])
			case sig.Status < 0 || sig.Status > 255:
				return usageError(cmd, "an exit status is a number from 0 to 255")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if dash >= 0 {
				return p.beatAround(cmd.Context(), args[0], args[dash:])
			}
			sig.Kind = model.SignalEnd
			for _, kind := range []model.SignalKind{model.SignalStart, model.SignalFail, model.SignalLog} {
				if cmd.Flags().Changed(string(kind)) {
					sig.Kind = kind
				}
			}
			text, err := bodyOf(body, os.Stdin)
			if err != nil {
				return err
			}
			sig.Body = text
			return p.client().Beat(cmd.Context(), args[0], sig)
		},
	}
	flags := cmd.Flags()
	flags.Bool("start", false, "it begins")
	flags.Bool("fail", false, "it ended and did not work")
	flags.Bool("log", false, "it has something to say, which is no sign of life")
	flags.IntVar(&sig.Status, "status", 0, "it ended with exit status `N`; 0 is a success")
	flags.StringVar(&sig.Run, "run", "", "an `ID` that tells runs apart which overlap")
	flags.StringVar(&body, "body", "", "what it has to say, a `TEXT`; -: what is read from the input")
	return cmd
}

// bodyOf is what a job has to say, cut to what is kept.
func bodyOf(text string, in io.Reader) (string, error) {
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(in, 4*model.MaxBody))
		if err != nil {
			return "", fmt.Errorf("cannot read what it has to say: %w", err)
		}
		text = string(b)
	}
	return model.Printable(text, model.MaxBody), nil
}

// beatAround runs a command and tells when it begins and how it ends.
func (p *program) beatAround(ctx context.Context, name string, command []string) error {
	ctx = context.WithoutCancel(ctx) // an interrupt ends the command, and that is told
	run := newUUID()
	err := p.client().Beat(ctx, name, model.Signal{Kind: model.SignalStart, Run: run})
	gone := (*client.Unreachable)(nil)
	switch {
	case errors.As(err, &gone):
		complain(p.stderr, "running without telling orderly: "+gone.Why, gone.Hint)
	case err != nil:
		return err
	}
	var last tail
	failed := runWith(command, io.MultiWriter(p.stdout, &last), io.MultiWriter(p.stderr, &last))
	sig := model.Signal{Kind: model.SignalEnd, Run: run, Body: last.text()}
	if ended := (*exit)(nil); errors.As(failed, &ended) {
		if sig.Status = ended.status; sig.Body == "" {
			sig.Body = ended.message
		}
	} else if failed != nil {
		sig.Kind, sig.Body = model.SignalFail, failed.Error()
	}
	if err := p.client().Beat(ctx, name, sig); err != nil {
		complain(p.stderr, "orderly was not told how it went: "+err.Error(), "")
	}
	return failed
}

// newUUID is a random one.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// A tail keeps the end of what is written to it, from any goroutine.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(b)
	b = b[max(0, n-model.MaxBody):]
	t.kept = append(t.kept[max(0, len(t.kept)+len(b)-model.MaxBody):], b...)
	return n, nil
}

// text is what was kept, as far as it fits.
func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := string(t.kept)
	for len(model.Printable(kept, 4*model.MaxBody)) > model.MaxBody { // what is not printable takes more
		kept = kept[len(kept)/10+1:]
	}
	return model.Printable(kept, model.MaxBody)
}

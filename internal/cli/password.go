package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxPasswordLine bounds what is read of a password, in bytes.
const maxPasswordLine = 1024

// askPassword asks for a new password on the terminal, twice and without showing it, or takes the first line of the
// input when that is no terminal. Passwords are never arguments: every user of a host sees those.
func (p *program) askPassword(ctx context.Context, name string) (string, error) {
	f, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return inputLine(p.stdin)
	}
	first, err := p.promptPassword(ctx, f, "Password for "+name+": ")
	if err != nil {
		return "", err
	}
	second, err := p.promptPassword(ctx, f, "Once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", &exit{exitNo, "the two passwords differ", "nothing was changed"}
	}
	return first, nil
}

// promptPassword gives up, and shows again what is typed, when the user interrupts.
func (p *program) promptPassword(ctx context.Context, f *os.File, prompt string) (string, error) {
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("cannot use the terminal: %w", err)
	}
	_, _ = fmt.Fprint(p.stderr, clean(prompt))
	defer func() { _, _ = fmt.Fprintln(p.stderr) }()
	type typed struct {
		text []byte
		err  error
	}
	done := make(chan typed, 1)
	go func() { // reading a terminal cannot be cancelled: after an interrupt it ends with the process
		text, err := term.ReadPassword(fd)
		done <- typed{text, err}
	}()
	select {
	case got := <-done:
		if got.err != nil {
			return "", fmt.Errorf("cannot read the password: %w", got.err)
		}
		return string(got.text), nil
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		return "", ctx.Err()
	}
}

// inputLine reads a line of what another program writes.
func inputLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPasswordLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("cannot read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

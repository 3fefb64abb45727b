package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns the two ends of a terminal: the one a person types at, and the one a program reads.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = person.Close(); _ = program.Close() })
	return person, program
}

// showing tells whether a terminal shows what is typed.
func showing(t *testing.T, terminal *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// await returns when something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not seen: " + what)
		}
	}
}

// awaitHidden returns when somebody reads a password.
func awaitHidden(t *testing.T, terminal *os.File) {
	t.Helper()
	await(t, "what is typed is hidden", func() bool { return !showing(t, terminal) })
}

// A screen is a buffer that is written and read side by side.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestPasswordFromATerminal(t *testing.T) {
	for _, tt := range []struct{ second, want string }{
		{"correct horse", ""},
		{"correct hoarse", "the two passwords differ"},
	} {
		person, terminal := openTerminal(t)
		shown := &screen{}
		p := &program{stdin: terminal, stderr: shown}
		first, second := make(chan string, 1), make(chan error, 1)
		go func() {
			text, err := p.askPassword(t.Context(), "ann\x1b[2J")
			first <- text
			second <- err
		}()
		awaitHidden(t, terminal)
		_, _ = io.WriteString(person, "correct horse\n")
		await(t, "the second question", func() bool { return strings.Contains(shown.String(), "Once more: ") })
		awaitHidden(t, terminal)
		_, _ = io.WriteString(person, tt.second+"\n")
		password, err := <-first, <-second
		if tt.want == "" && (err != nil || password != "correct horse") {
			t.Errorf("read %q, %v", password, err)
		}
		if tt.want != "" && (err == nil || err.Error() != tt.want) {
			t.Errorf("error %v, want %s", err, tt.want)
		}
		if text := shown.String(); strings.Contains(text, "horse") || strings.Contains(text, "\x1b") || !strings.HasPrefix(text, "Password for ann") {
			t.Errorf("shown: %q", text)
		}
		if !showing(t, terminal) {
			t.Error("afterwards nothing that is typed is shown")
		}
	}
}

func TestInterruptEndsAPrompt(t *testing.T) {
	_, terminal := openTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan error, 1)
	p := &program{stdin: terminal, stderr: io.Discard}
	go func() {
		_, err := p.askPassword(ctx, "ann")
		done <- err
	}()
	awaitHidden(t, terminal)
	interrupt()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if !showing(t, terminal) {
		t.Error("afterwards nothing that is typed is shown")
	}
}

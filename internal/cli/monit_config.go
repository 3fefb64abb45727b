package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/daemon"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// readControlFile finds and reads the control file, whatever the command: one that is damaged is noticed early.
func (m *monitRun) readControlFile() error {
	uid := os.Geteuid()
	home := homeOf(uid, os.Getenv)
	file, err := m.controlFile(home)
	if err != nil {
		return err
	}
	if err := admitControlFile(file, uid); err != nil {
		return err
	}
	m.file = file
	r := config.Check(config.Options{Paths: []string{file}, Dialect: "monit", Protocols: daemon.Speaks, Channels: alert.Check})
	m.tellFindings(r.Diagnostics)
	if r.Diagnostics.HasErrors() {
		return errNo
	}
	m.config = r.Config
	m.settle(uid, home)
	return nil
}

// settle gives the options precedence over what the control file sets.
func (m *monitRun) settle(uid int, home string) {
	s := &m.config.Settings
	s.Interval = cmp.Or(m.interval, s.Interval)
	m.periodic = s.Interval > 0
	m.config.Seal()
	switch m.logfile {
	case "":
	case "syslog":
		s.Log = model.Log{Facility: "user"}
	default:
		m.logfile = absolute(m.logfile)
		s.Log = model.Log{File: m.logfile}
	}
	at := m.places
	at.socket = m.socket
	m.at = monitPlacesOf(m.monitOptions, s.Files, uid, home, at)
}

func (m *monitRun) controlFile(home string) (string, error) {
	if m.named {
		return namedControlFile(m.file)
	}
	return findControlFile(monitFiles(home))
}

// monitFiles are where Monit looks for its control file, in this order.
func monitFiles(home string) []string {
	return []string{filepath.Join(home, ".monitrc"), "/etc/monitrc", "/etc/monit/monitrc", "/usr/local/etc/monitrc", absolute("monitrc")}
}

// findControlFile returns the first of the files that exists.
func findControlFile(files []string) (string, error) {
	for _, file := range files {
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", monitErrorf("Cannot find the control file, which may be %s", strings.Join(files, ", "))
}

// namedControlFile returns the full path of the file that was named.
func namedControlFile(name string) (string, error) {
	full := filepath.Join("/", name)
	if !filepath.IsAbs(name) {
		dir, err := os.Getwd()
		if err != nil {
			return "", monitErrorf("The control file '%s' cannot be found -- %v", name, err)
		}
		full = filepath.Join(dir, name)
		if _, err := os.Stat(full); name == "" || errors.Is(err, fs.ErrNotExist) {
			return "", monitErrorf("The control file '%s' does not exist at %s", name, dir)
		}
	}
	return full, nil
}

// admitControlFile refuses a file that others may read or change: it holds passwords and decides what runs.
func admitControlFile(file string, uid int) error {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return monitErrorf("The control file '%s' is not a file", file)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != uid {
		return monitErrorf("The control file '%s' must be owned by you.", file)
	}
	if mode := info.Mode().Perm(); mode&^0o700 != 0 {
		return monitErrorf("The control file '%s' permission %04o is wrong, maximum 0700 allowed", file, mode)
	}
	return nil
}

// tellFindings says what is wrong with the control file, one line each; -v shows the places too. Warnings are told only to
// those who ask for a check or start the daemon, because every command reads the file.
func (m *monitRun) tellFindings(found diag.List) {
	asked := m.verbose || m.task == taskTest
	warnings := asked || m.task == "" && len(m.words) == 0
	for _, d := range found.Bounded(maxFindings) {
		switch {
		case d.Severity == diag.Warning && !warnings:
		case d.Code == "monit/superseded" && !asked: // nothing is lost by it, and cron would mail it at each wake-up
		case m.verbose:
			_ = diag.Print(m.stderr, diag.List{d}) // nobody is left to tell
		default:
			m.complain(monitFinding(d))
		}
	}
}

// maxFindings bounds how much is said of one damaged file.
const maxFindings = 50

// monitFinding is a finding in the shape FILE:LINE: MESSAGE 'TOKEN'.
func monitFinding(d diag.Diagnostic) string {
	message, token := d.Summary, firstLine(d.Span.Shown())
	if d.Code == "monit/syntax" {
		message = "syntax error"
	}
	if d.Summary == "unexpected end of file" {
		token = ""
	}
	at := d.Span.Pos()
	switch {
	case at.File == "":
		return message
	case at.Line == 0:
		return at.File + ": " + message
	}
	return fmt.Sprintf("%s:%d: %s '%s'", at.File, at.Line, message, token)
}

// firstLine is what a message shows of a piece of text, without its quotes.
func firstLine(text string) string {
	const most = 60
	text, _, _ = strings.Cut(text, "\n")
	if n := len(text) - 1; n > 0 && (text[0] == '"' || text[0] == '\'') && text[n] == text[0] {
		text = text[1:n]
	}
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// A safe keeps what is known of files with certificates, as long as they stay as they are. It never changes: what is left
// behind at a deadline may go on looking into it.
type safe map[string]stored

// stored is what was found in a file.
type stored struct {
	stamp   stamp
	settled bool // the stamp tells of later changes
	found   certificate
	err     error
}

// certificateProbes are the places of probes for certificates among those of a service.
func certificateProbes(s *model.Service) (places []int) {
	if s.Kind != model.KindFile && s.Kind != model.KindDirectory {
		return nil
	}
	for i, p := range s.Probes() {
		if p.Kind == model.ProbeCertificate {
			places = append(places, i)
		}
	}
	return places
}

// A survey is one look at files with certificates.
type survey struct {
	ctx   context.Context
	now   time.Time
	known safe // before
	kept  safe // from now on
	collection
	files, entries int  // that were looked at
	full           bool // no more are
}

func newSurvey(ctx context.Context, now time.Time, known safe) *survey {
	return &survey{ctx: ctx, now: now, known: known, kept: safe{}}
}

// open looks into one open file.
func (s *survey) open(path string, fd int, st *unix.Stat_t) {
	s.report(path, s.look(path, stampOf(st), func() ([]byte, error) { return readOpen(fd, maxCertificateFile) }), true)
}

// look returns what is known of a file, reading it only where it has changed.
func (s *survey) look(path string, now stamp, read func() ([]byte, error)) stored {
	if old, known := s.known[path]; known && old.settled && old.stamp == now {
		s.kept[path] = old
		return old
	}
	out := stored{stamp: now, settled: now.settled(s.now)}
	if now.size > maxCertificateFile {
		out.err = fmt.Errorf("the file has more than %d bytes", maxCertificateFile)
		s.kept[path] = out
		return out
	}
	text, err := read()
	if err != nil {
		return stored{err: reasonOf(err)} // it may be gone by the next time
	}
	out.found, out.err = endsFirst(text)
	s.kept[path] = out
	return out
}

// report notes what was found. Of a directory, files with something else in PEM may be among the others.
func (s *survey) report(path string, file stored, alone bool) {
	switch {
	case file.err == nil:
		s.add(path, file.found)
	case alone || file.err != errKey && file.err != errNone:
		s.complain(path, file.err)
	}
}

// directory looks into the files of a directory and of those in it.
func (s *survey) directory(path string) {
	entries, err := s.list(path)
	if err != nil {
		s.complain(path, err)
	}
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		if isCertificate(name) || !e.IsDir() && e.Type()&os.ModeSymlink == 0 {
			s.member(name)
			continue
		}
		below, err := s.list(name)
		if err != nil && err != unix.ENOTDIR && err != unix.ENOENT && err != unix.ELOOP { // a link may lead anywhere
			s.complain(name, err)
		}
		for _, e := range below {
			s.member(filepath.Join(name, e.Name()))
		}
	}
	if s.file == "" && len(s.complaints) == 0 {
		s.complain(path, errors.New("there is none in any *.pem, *.crt or *.cer"))
	}
}

// stop ends the look at a directory.
func (s *survey) stop(path string, format string, args ...any) {
	s.full = true
	s.complain(path, fmt.Errorf(format, args...))
}

// list reads the names in a directory, in their order.
func (s *survey) list(path string) ([]os.DirEntry, error) {
	if s.full {
		return nil, nil
	}
	fd, err := uninterrupted(func() (int, error) { return unix.Open(path, openFlags|unix.O_DIRECTORY, 0) })
	if err != nil {
		return nil, err
	}
	dir := os.NewFile(uintptr(fd), path)
	defer dir.Close()
	entries, err := dir.ReadDir(maxOfDirectory - s.entries)
	if s.entries += len(entries); s.entries >= maxOfDirectory {
		s.stop(path, "the directory and those in it have %d entries or more", maxOfDirectory)
	}
	if err != nil && err != io.EOF {
		return nil, reasonOf(err)
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// member looks into a file of a directory, if it may have a certificate in it.
func (s *survey) member(path string) {
	if s.full || !isCertificate(path) {
		return
	}
	var st unix.Stat_t
	_, err := uninterrupted(func() (int, error) { return 0, unix.Stat(path, &st) })
	switch {
	case s.ctx.Err() != nil:
		s.stop(path, "there was no time for it: %w", s.ctx.Err())
	case err != nil:
		s.complain(path, err)
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
	case s.files == maxCertificateFiles:
		s.stop(path, "only the first %d files of a directory are looked at", maxCertificateFiles)
	default:
		s.files++
		s.report(path, s.look(path, stampOf(&st), func() ([]byte, error) { return readSome(path, maxCertificateFile) }), false)
	}
}

// reasonOf is an error without the path, which the message has already.
func reasonOf(err error) error {
	if inner, ok := errors.AsType[*os.PathError](err); ok {
		return inner.Err
	}
	return err
}

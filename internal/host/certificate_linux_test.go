package host

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// keeps is a service with a rule about the certificates in a file or a directory.
func keeps(kind model.Kind, path string) *model.Service {
	s := at(kind, path)
	s.Rules = append(s.Rules, model.Rule{Probe: &model.Probe{Kind: model.ProbeCertificate}, Metric: model.Certificate})
	return s
}

// put writes a file of a directory, with time gone by since.
func put(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func found(t *testing.T, h *Host, s *model.Service) model.Result {
	t.Helper()
	sample := measure(t, h, s)
	if len(sample.Probes) != 1 {
		t.Fatalf("%d results", len(sample.Probes))
	}
	return sample.Probes[0]
}

func mustEnd(t *testing.T, r model.Result, about string, days float64) {
	t.Helper()
	if left := r.Readings.Get(model.Certificate); r.About != about || !left.Present() || math.Abs(left.Number()-days) > 0.01 {
		t.Errorf("%q in %v days (%s), want %q in %v", r.About, left, r.Summary, about, days)
	}
	if left := r.Readings.Get(model.CertificateLeft).Number(); math.Abs(left-days) > 0.01 { // of a hundred days
		t.Errorf("%v%% of its lifetime are left, want %v%%", left, days)
	}
}

func TestCertificateInAFile(t *testing.T) {
	h := open(t, Options{})
	dir := t.TempDir()
	der, key := certified(t, "example.org", 6)
	path := put(t, dir, "x", slices.Concat(armored("PRIVATE KEY", key), armored("CERTIFICATE", der)))
	s := keeps(model.KindFile, path)
	r := found(t, h, s)
	mustEnd(t, r, "certificate of example.org in "+path, 6)
	if !r.OK {
		t.Errorf("it is not well: %s", r.Summary)
	}

	der, _ = certified(t, "example.org", 90)
	put(t, dir, "x", der)
	mustEnd(t, found(t, h, s), "certificate of example.org in "+path, 90)

	der, _ = certified(t, "example.org", -2)
	put(t, dir, "x", der)
	mustEnd(t, found(t, h, s), "certificate of example.org in "+path, -2)

	put(t, dir, "x", armored("PRIVATE KEY", key))
	r = found(t, h, s)
	if want := "cannot look for certificates in " + path + ": there is a key in it and no certificate"; r.OK || r.Summary != want || r.Readings != nil {
		t.Errorf("of a key: %+v, want %s", r, want)
	}

	if err := os.Truncate(path, maxCertificateFile+1); err != nil {
		t.Fatal(err)
	}
	if r = found(t, h, s); r.OK || !strings.HasSuffix(r.Summary, ": the file has more than 1048576 bytes") {
		t.Errorf("of a file that is too large: %+v", r)
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if r = found(t, h, s); !r.Skipped {
		t.Errorf("of no file: %+v", r)
	}
}

// A file is read again when it has changed, while what is left is told anew at each look.
func TestFilesWithCertificatesAreReadOnce(t *testing.T) {
	der, _ := certified(t, "example.org", 6)
	begun := time.Now()
	reads := 0
	read := func() ([]byte, error) { reads++; return der, nil }
	known := safe{}
	look := func(after time.Duration, st stamp) model.Result {
		now := begun.Add(after)
		s := newSurvey(context.Background(), now, known)
		s.report("/x", s.look("/x", st, read), true)
		known = s.kept
		return s.result("/x", now)
	}
	first := stamp{inode: 1, size: 9, mtime: begun.UnixNano()}
	look(0, first)
	look(time.Minute, first) // it may have been written to within the same moment
	for i := range 5 {
		mustEnd(t, look(time.Duration(i)*day, first), "certificate of example.org in /x", float64(6-i))
	}
	if reads != 2 {
		t.Errorf("it was read %d times, want 2", reads)
	}
	second := first
	second.mtime += int64(day)
	look(3*day, second)
	look(4*day, second)
	if reads != 3 {
		t.Errorf("after it had changed, it was read %d times, want 3", reads)
	}
	read = func() ([]byte, error) { return nil, &os.PathError{Op: "read", Path: "/x", Err: unix.EIO} }
	second.inode++
	if r := look(5*day, second); r.OK || r.Summary != "cannot look for certificates in /x: input/output error" {
		t.Errorf("of a broken disk: %+v", r)
	}
	if len(known) != 0 {
		t.Errorf("what could not be read is kept: %v", known)
	}
}

func TestCertificatesInADirectory(t *testing.T) {
	h := open(t, Options{})
	dir := t.TempDir()
	live, archive := filepath.Join(dir, "live"), filepath.Join(dir, "archive")
	shop, key := certified(t, "shop.example.org", 60)
	mail, _ := certified(t, "mail.example.org", 20)
	other, _ := certified(t, "nobody looks here", 1)
	put(t, archive, "cert1.pem", armored("CERTIFICATE", shop))
	put(t, live, "shop/privkey.pem", armored("PRIVATE KEY", key))
	put(t, live, "shop/README", []byte("garbage"))
	put(t, live, "shop/deeper/x.pem", armored("CERTIFICATE", other))
	put(t, live, "notes.txt", armored("CERTIFICATE", other))
	put(t, live, "dhparam.pem", armored("DH PARAMETERS", []byte{0x30, 0}))
	for from, to := range map[string]string{
		"live/shop/cert.pem": "../../archive/cert1.pem", "live/away": "../archive", "live/nowhere": "nothing", "live/self": "self", "live/text": "notes.txt",
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(live, "fifo.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := keeps(model.KindDirectory, live)
	r := found(t, h, s)
	mustEnd(t, r, "certificate of shop.example.org in "+filepath.Join(live, "away/cert1.pem"), 60)
	if !r.OK {
		t.Errorf("it is not well: %s", r.Summary)
	}

	path := put(t, live, "MAIL.CER", mail)
	mustEnd(t, found(t, h, s), "certificate of mail.example.org in "+path, 20)

	bad := put(t, live, "bad.crt", []byte("garbage"))
	r = found(t, h, s)
	mustEnd(t, r, "certificate of mail.example.org in "+path, 20)
	if want := "cannot look for certificates in " + bad + ": there is no certificate in it: it is neither PEM nor DER"; r.OK || r.Summary != want {
		t.Errorf("with garbage: %v %q, want %q", r.OK, r.Summary, want)
	}

	if r = found(t, h, keeps(model.KindDirectory, t.TempDir())); r.OK || !strings.HasSuffix(r.Summary, ": there is none in any *.pem, *.crt or *.cer") {
		t.Errorf("of an empty directory: %+v", r)
	}
}

func TestDirectoriesWithTooManyCertificates(t *testing.T) {
	h := open(t, Options{})
	dir := t.TempDir()
	der, _ := certified(t, "example.org", 6)
	for i := range maxCertificateFiles + 5 {
		put(t, dir, fmt.Sprintf("%d/%03d.pem", i%10, i), der)
	}
	r := found(t, h, keeps(model.KindDirectory, dir))
	mustEnd(t, r, "certificate of example.org in "+filepath.Join(dir, "0/000.pem"), 6)
	if r.OK || strings.Count(r.Summary, "cannot") != 1 || !strings.HasSuffix(r.Summary, ": only the first 200 files of a directory are looked at") {
		t.Errorf("of too many: %v %q", r.OK, r.Summary)
	}

	for i := range maxCertificateFiles {
		put(t, dir, fmt.Sprintf("%d/%03d.pem", i%10, i), []byte("garbage"))
	}
	r = found(t, h, keeps(model.KindDirectory, dir))
	if n := strings.Count(r.Summary, "cannot"); n != maxComplaints || !strings.HasSuffix(r.Summary, "; and 193 more like that") {
		t.Errorf("of much garbage: %q", r.Summary)
	}
}

// A directory whose links lead to a dead file server holds nobody up for longer than the check may take.
func TestCertificatesWithoutTime(t *testing.T) {
	dir := t.TempDir()
	der, _ := certified(t, "example.org", 6)
	put(t, dir, "x.pem", der)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSurvey(ctx, time.Now(), nil)
	s.directory(dir)
	if r := s.result(dir, time.Now()); r.OK || !strings.HasSuffix(r.Summary, ": there was no time for it: context canceled") || s.files != 0 {
		t.Errorf("without time: %+v", r)
	}

	h := open(t, Options{})
	service := keeps(model.KindDirectory, dir)
	w := h.watch(service.Name)
	if _, busy := w.patience.begin(time.Now()); busy {
		t.Fatal("somebody waits already")
	}
	if _, err := h.Measure(t.Context(), service, time.Now(), model.Bookmark{}); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("while a call hangs it is measured: %v", err)
	}
	w.patience.end()
	mustEnd(t, found(t, h, service), "certificate of example.org in "+filepath.Join(dir, "x.pem"), 6)
}

package httpd

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// freshness is how long a password file is believed not to have changed.
const freshness = time.Second

// A passwordFile is read again when it has changed.
type passwordFile struct {
	path, form string
	users      []string // these only; none means all
	remarks    *remarks

	current atomic.Pointer[readFile]
	lookout lookout
}

// A readFile is what a password file held at some time.
type readFile struct {
	logins []login
	info   os.FileInfo // nil: it could not be read
	asOf   time.Time
}

func newPasswordFile(a model.Admission, remarks *remarks, now time.Time) *passwordFile {
	f := &passwordFile{path: a.Name, form: strings.ToLower(a.Hash), users: a.Users, remarks: remarks, lookout: newLookout()}
	f.read(now)
	return f
}

// find returns the login of a user, nil if he has none here.
func (f *passwordFile) find(ctx context.Context, user string, now time.Time) secret {
	same := func(other string) bool { return strings.EqualFold(user, other) }
	if len(f.users) > 0 && !slices.ContainsFunc(f.users, same) {
		return nil
	}
	if now.Sub(f.current.Load().asOf) >= freshness {
		f.lookout.glance(ctx, func() { f.refresh(now) })
	}
	for _, l := range f.current.Load().logins {
		if same(l.user) {
			return l.secret
		}
	}
	return nil
}

// refresh reads the file again if it is not the one that was read.
func (f *passwordFile) refresh(now time.Time) {
	known := f.current.Load()
	info, err := os.Stat(f.path)
	same := err == nil && known.info != nil && os.SameFile(info, known.info) &&
		info.ModTime().Equal(known.info.ModTime()) && info.Size() == known.info.Size()
	if same || err != nil && known.info == nil {
		f.current.Store(&readFile{known.logins, known.info, now})
		return
	}
	f.read(now)
}

func (f *passwordFile) read(now time.Time) {
	info, err := os.Stat(f.path)
	if err != nil {
		info = nil
	}
	logins, err := readLogins(f.path, f.form)
	if err != nil {
		f.remarks.warn("not everybody who should may log in", err)
	}
	f.current.Store(&readFile{logins, info, now})
}

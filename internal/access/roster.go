package access

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/bcrypt"

	"orderly/internal/model"
)

// maxAccounts bounds how many accounts are kept, those of the configuration not counted.
const maxAccounts = 1000

// A roster is all accounts. Those of the configuration come before those that are kept.
type roster struct {
	configured map[string]*entry
	kept       map[string]*entry
	last       int64 // number of those that are kept
	lost       bool  // those that are kept cannot be read

	names  map[string]*entry // all that count
	tokens map[string]*entry // of these, by what is kept of their tokens
}

// An entry is one account.
type entry struct {
	model.Account
	id    int64        // that it is kept under; 0: it is of the configuration
	saved time.Time    // the last use that is kept
	home  netip.Prefix // where its password was last right
}

func newRoster() roster {
	return roster{configured: map[string]*entry{}, kept: map[string]*entry{}, names: map[string]*entry{}, tokens: map[string]*entry{}}
}

// recall adds an account that is kept. The roster must be indexed afterwards.
func (r *roster) recall(id int64, data []byte) error {
	r.last = max(r.last, id)
	var a model.Account
	if err := json.Unmarshal(data, &a); err != nil {
		return errors.New("what is kept of it cannot be read")
	}
	if err := check(a); err != nil {
		return err
	}
	if r.kept[a.Name] != nil {
		return fmt.Errorf("another one is named %q", a.Name)
	}
	r.kept[a.Name] = &entry{Account: a, id: id, saved: a.Used}
	return nil
}

// configure replaces the accounts of the configuration. Those that go on keep what is known of their use.
func (r *roster) configure(accounts []model.Account) error {
	before := r.configured
	r.configured = map[string]*entry{}
	var bad error
	for _, a := range accounts {
		if err := check(a); err != nil {
			bad = errors.Join(bad, fmt.Errorf("cannot use the account %q: %w", a.Name, err))
			continue
		}
		e := &entry{Account: a}
		if was := before[a.Name]; was != nil {
			e.Used, e.home = was.Used, was.home
		}
		r.configured[a.Name] = e
	}
	r.index()
	return bad
}

// index finds out which accounts count.
func (r *roster) index() {
	r.names, r.tokens = maps.Clone(r.kept), map[string]*entry{}
	maps.Copy(r.names, r.configured)
	for _, e := range r.names {
		if e.Token {
			r.tokens[e.Secret] = e
		}
	}
}

// added finds an account that is not of the configuration.
func (r *roster) added(name string) (*entry, error) {
	switch e := r.names[name]; {
	case e == nil:
		return nil, errors.New("there is none of that name")
	case e.id == 0:
		return nil, errors.New("it is written in the configuration: change it there")
	default:
		return e, nil
	}
}

// sorted returns the accounts that count, by name.
func (r *roster) sorted() []*entry {
	return slices.SortedFunc(maps.Values(r.names), func(a, b *entry) int { return strings.Compare(a.Name, b.Name) })
}

// hash is what a password for a name is compared with. Names that nobody has, or that have no password, take as long
// as the others.
func (r *roster) hash(name string) string {
	if e := r.names[name]; e != nil && !e.Token {
		return e.Secret
	}
	dearest := 0
	for _, e := range r.names {
		if cost, err := bcrypt.Cost([]byte(e.Secret)); err == nil {
			dearest = max(dearest, cost)
		}
	}
	return decoy(cmp.Or(dearest, hashCost))
}

// fit tells whether an entry may be used now, from an address.
func (e *entry) fit(from netip.Addr, now time.Time) bool {
	if !e.Expires.IsZero() && !now.Before(e.Expires) {
		return false
	}
	return len(e.Networks) == 0 || slices.ContainsFunc(e.Networks, func(p netip.Prefix) bool { return p.Contains(from) })
}

// shown is the account as others may see it.
func (e *entry) shown() *model.Account {
	a := e.Account
	a.Secret = ""
	a.Only, a.Networks = slices.Clone(a.Only), slices.Clone(a.Networks)
	return &a
}

// seal changes with everything that makes a login void: sessions under another seal have ended.
func (e *entry) seal() []byte {
	a := e.Account
	a.Used, a.Created, a.Expires = time.Time{}, time.Time{}, a.Expires.UTC()
	text, err := json.Marshal(a)
	if err != nil {
		return nil // never: it has only fields that can be encoded
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

func (e *entry) sealed(by []byte) bool {
	own := e.seal()
	return own != nil && bytes.Equal(own, by)
}

// data is what is kept.
func (e *entry) data() []byte {
	text, err := json.Marshal(e.Account)
	if err != nil {
		return nil // never: it has only fields that can be encoded
	}
	return text
}

// check tells what is wrong with an account.
func check(a model.Account) error {
	if err := CheckName(a.Name); err != nil {
		return err
	}
	if !slices.Contains(model.Scopes, a.Scope) {
		return fmt.Errorf("there is no scope %q", a.Scope)
	}
	if !a.Token {
		return checkHash(a.Secret)
	}
	if len(a.Secret) != 2*sha256.Size || strings.Trim(a.Secret, "0123456789abcdef") != "" {
		return errors.New("its token is not a SHA-256")
	}
	return nil
}

// CheckName tells why a name cannot be that of an account.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("an account needs a name")
	case len(name) > maxName:
		return fmt.Errorf("the name of an account has at most %d bytes", maxName)
	case strings.Contains(name, ":"), strings.HasPrefix(name, tokenMark), strings.TrimSpace(name) != name,
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%q cannot be the name of an account", name)
	}
	return nil
}

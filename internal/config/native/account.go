package native

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"orderly/internal/model"
)

// An account is one entry of accounts under construction.
type account struct {
	model.Account
	given []item
}

var accountFields = []field[account]{
	{"password", func(d *decoder, it item, a *account) { a.Secret = d.passwordHash(it) }},
	{"token", func(d *decoder, it item, a *account) { a.Token, a.Secret = true, d.tokenHash(it) }},
	{"scope", func(d *decoder, it item, a *account) { a.Scope = model.Scope(d.choice(it, scopes()...)) }},
	{"only", func(d *decoder, it item, a *account) {
		for _, each := range d.list(it) {
			a.Only = append(a.Only, d.text(each))
		}
	}},
	{"from", func(d *decoder, it item, a *account) {
		for _, each := range d.list(it) {
			if p, ok := d.network(each); ok {
				a.Networks = append(a.Networks, p)
			}
		}
	}},
	{"expires", func(d *decoder, it item, a *account) { a.Expires = d.date(it) }},
}

func scopes() (names []string) {
	for _, s := range model.Scopes {
		names = append(names, string(s))
	}
	return names
}

// accounts reads who may do something from afar.
func (d *decoder) accounts(it item) (accounts []model.Account) {
	items, _ := d.mapping(it)
	for _, each := range items {
		a := account{Account: model.Account{Name: each.name, Scope: model.ScopeRead}}
		a.given = readMap(d, each, "an account", accountFields, &a)
		switch p, t := has(a.given, "password"), has(a.given, "token"); {
		case !accountName.MatchString(each.name) || len(each.name) > maxName || strings.HasPrefix(each.name, tokenPrefix):
			d.errorf(d.span(each.key), "account", "%q cannot be the name of an account", cut(each.name)).
				Hinted("at most %d letters, digits and the like, without a colon", maxName)
		case p && t:
			d.errorf(d.span(each.key), "exclusive", `an account has either "password" or "token"`)
		case !p && !t:
			d.errorf(d.span(each.key), "missing", "%s has neither a password nor a token", d.subject(each)).
				Hinted("the hash of a password is made by: orderly user hash")
		default:
			accounts = append(accounts, a.Account)
		}
	}
	return accounts
}

// bcryptHash is what a password looks like that cannot be read any more. The number is how much work it is to compare one: beyond
// 14 a login would take many seconds.
var bcryptHash = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$`)

// accountName is how somebody may be called who logs in.
var accountName = regexp.MustCompile(`^[^\x00-\x20\x7f:]([^\x00-\x1f\x7f:]{0,62}[^\x00-\x20\x7f:])?$`)

// tokenPrefix begins tokens, so that a name that begins like one would be taken for one.
const tokenPrefix = "ord_"

// passwordHash reads the hash of a password. What is wrong with it is told without it.
func (d *decoder) passwordHash(it item) string {
	w, ok := d.secret(it)
	if ok && !bcryptHash.MatchString(w.Text) {
		d.errorf(d.span(it.key), "password", "%s must be the bcrypt hash of a password", d.subject(it)).
			Hinted("make it with: orderly user hash")
		return ""
	}
	return w.Text
}

// hashed begins a token of which only the hash is told.
const hashed = "sha256:"

// maxName bounds the name of an account, in bytes.
const maxName = 64

// minToken is how long a token must be at least, so that nobody guesses it.
const minToken = 16

// tokenHash reads a token, or its hash. What is wrong with it is told without it.
func (d *decoder) tokenHash(it item) string {
	w, ok := d.secret(it)
	if !ok {
		return ""
	}
	if sum, found := strings.CutPrefix(w.Text, hashed); found {
		if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
			d.errorf(d.span(it.key), "token", "%s has no SHA-256 in hexadecimal digits", d.subject(it))
		}
		return strings.ToLower(sum)
	}
	if len(w.Text) < minToken {
		d.errorf(d.span(it.key), "token", "%s must have at least %d characters", d.subject(it), minToken).
			Hinted("one that nobody guesses is made by: orderly token add")
		return ""
	}
	sum := sha256.Sum256([]byte(w.Text))
	return hex.EncodeToString(sum[:])
}

// network reads an address, or a network as ADDRESS/BITS.
func (d *decoder) network(it item) (netip.Prefix, bool) {
	w, ok := d.word(it)
	if !ok {
		return netip.Prefix{}, false
	}
	if a, err := netip.ParseAddr(w.Text); err == nil {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(w.Text)
	if err != nil {
		d.errorf(w.Span, "address", "%q is no network", cut(w.Text)).Hinted("write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32")
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

// date reads the day on which something ends, in the zone of this host.
func (d *decoder) date(it item) time.Time {
	w, ok := d.word(it)
	if !ok {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, w.Text, time.Local)
	if err != nil {
		t, err = time.Parse(time.RFC3339, w.Text)
	}
	if err != nil {
		d.errorf(w.Span, "date", "%q is no day", cut(w.Text)).Hinted("write it as in 2027-01-31")
	}
	return t.UTC()
}

// addAccounts writes who may do something from afar. Their secrets are hashes.
func addAccounts(top *node, accounts []model.Account) {
	if len(accounts) == 0 {
		return
	}
	all := newMap()
	for _, a := range accounts {
		n := newMap()
		if a.Token {
			n.text("token", hashed+a.Secret)
		} else {
			n.text("password", a.Secret)
		}
		if a.Scope != model.ScopeRead {
			n.text("scope", string(a.Scope))
		}
		n.texts("only", a.Only)
		var from []string
		for _, p := range a.Networks {
			from = append(from, p.String())
		}
		n.texts("from", from)
		if !a.Expires.IsZero() {
			n.text("expires", a.Expires.Format(time.RFC3339))
		}
		all.add(a.Name, n)
	}
	top.add("accounts", all)
}

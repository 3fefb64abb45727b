package model

import (
	"net/netip"
	"time"
)

// An Account is somebody, or some script, who may do something from afar.
type Account struct {
	Name     string
	Secret   string         // of users a password hash (bcrypt), of tokens their SHA-256 in hex; never shown
	Token    bool           `json:",omitempty"` // a script's, which has no password and cannot log in with a browser
	Scope    Scope          // what it may do
	Only     []string       `json:",omitempty"` // components by name or number, or groups as "group:NAME"; none: all
	Networks []netip.Prefix `json:",omitempty"` // it may come from; none: everywhere
	Expires  time.Time      `json:",omitzero"`
	Created  time.Time      `json:",omitzero"`
	Used     time.Time      `json:",omitzero"` // last, to the minute
}

// Scope is how much an account may do. Each includes the one before.
type Scope string

// The scopes, the least first.
const (
	ScopeRead   Scope = "read"   // see what is not public
	ScopeUpdate Scope = "update" // tell how components are: their status, incidents, points of metrics; nothing is created otherwise, renamed or deleted
	ScopeManage Scope = "manage" // everything on the status page, and services: start, stop, silence ...
	ScopeAdmin  Scope = "admin"  // accounts as well
)

// Scopes lists them, the least first.
var Scopes = []Scope{ScopeRead, ScopeUpdate, ScopeManage, ScopeAdmin}

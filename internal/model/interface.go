package model

import "time"

// A Log says where the log goes besides standard error. Its zero value adds nothing.
type Log struct {
	File     string `json:",omitempty"` // path; appended to, and opened again at a reload
	Facility string `json:",omitempty"` // of syslog: "user", "daemon", "local0" to "local7"
	Level    string `json:",omitempty"` // least that is logged: "warn", "info" or "debug"; "": info
}

// Files are where an operator or an init system expects to find what orderly is. Empty paths are not written.
type Files struct {
	PID   string `json:",omitempty"` // the number of the daemon's process
	ID    string `json:",omitempty"` // 32 hexadecimal digits that name this installation
	State string `json:",omitempty"` // where Monit kept its state: read once, when orderly has none of its own
}

// HTTPD is Monit's web interface: pages, texts and the status document, and commands for those who may.
type HTTPD struct {
	Port      int         `json:",omitempty"` // 0: no TCP
	Address   string      `json:",omitempty"` // host or address to bind; "": every address of this host
	ReadOnly  bool        `json:",omitempty"` // nobody may change anything through the port
	TLS       *ServerTLS  `json:",omitempty"` // of the port
	Socket    *HTTPSocket `json:",omitempty"`
	Anonymous bool        `json:",omitempty"` // the version is not told to clients
	Allow     []Admission // none: nobody is let in, and the interface stays off
}

// An HTTPSocket is the unix socket of an HTTPD.
type HTTPSocket struct {
	Path     string
	User     string `json:",omitempty"` // owner, name or number; "": the daemon's
	Group    string `json:",omitempty"`
	Mode     int    `json:",omitempty"` // permission bits; 0: by umask
	ReadOnly bool   `json:",omitempty"`
}

// ServerTLS says how a server of ours speaks TLS.
type ServerTLS struct {
	Certificate string   // path of the certificate chain, PEM
	Key         string   // path of its key, PEM; may be the same file
	ClientPEM   string   `json:",omitempty"` // path: certificates, one of which a client must present
	SelfSigned  bool     `json:",omitempty"` // a client's certificate may be signed by itself
	Versions    []string `json:",omitempty"` // "tlsv1.2", ...; none: 1.2 and 1.3
	Ciphers     string   `json:",omitempty"`
}

// An Admission lets somebody use an HTTPD. Which fields count depends on the kind.
type Admission struct {
	Kind     AdmissionKind
	Name     string   // user name, host or network, or path of the password file
	Password string   `json:",omitempty"` // secret
	Hash     string   `json:",omitempty"` // of a password file: "cleartext", "md5" or "crypt"
	Users    []string `json:",omitempty"` // of a password file: these only; none means all
	ReadOnly bool     `json:",omitempty"`
}

// AdmissionKind is how a Admission names whom it lets in.
type AdmissionKind string

// The kinds of Admission. A host permission is about where a client comes from, the others about who it is.
const (
	AdmitUser AdmissionKind = "user"
	AdmitFile AdmissionKind = "file"
	AdmitHost AdmissionKind = "host"

	// AdmitGroup is a group of the host's users. Its members cannot be told from others without PAM: nobody is let in by
	// it. But everybody needs a login where it is there.
	AdmitGroup AdmissionKind = "group"
)

// A Collector is a server that is told of every event and, in each cycle, of the state of everything (M/Monit).
type Collector struct {
	Scheme        string // "http" or "https"
	Host          string
	Port          int
	Path          string
	Username      string        `json:",omitempty"`
	Password      string        `json:",omitempty"` // secret; as written in the URL, not percent-decoded
	Timeout       time.Duration // of connecting and of the answer
	TLS           *TLS          `json:",omitempty"` // of https
	NoCredentials bool          `json:",omitempty"` // it is not told how to log in to our HTTPD
	HostGroups    []string      `json:",omitempty"`
}

package monit

import "orderly/internal/model"

// SetDaemon is "set daemon".
type SetDaemon struct {
	Node
	Interval Num // seconds
	Delay    Num // seconds
}

// SetFlag is a statement that only switches something on: "terminal" (batch), "init" or "fips".
type SetFlag struct {
	Node
	Name string
}

// SetOnReboot is the default of entries after it.
type SetOnReboot struct {
	Node
	Mode model.OnReboot
}

// SetLimits is "set limits", and "set expectbuffer" as a list of one sendExpectBuffer.
type SetLimits struct {
	Node
	Limits []Limit
}

// A Limit is one line of the limits block. Name is as documented ("programOutput"), however it was written.
// Sizes are in bytes, kilobytes, megabytes or gigabytes, times in milliseconds or seconds.
type Limit struct {
	Node
	Name  string
	Value Quantity
}

// SetLog is "set log" with either a path or syslog.
type SetLog struct {
	Node
	Path     Word
	Facility Word // with syslog; may be absent
}

// SetPath is "set idfile", "set statefile" or "set pidfile".
type SetPath struct {
	Node
	Name string
	Path Word
}

// SetEventQueue is "set eventqueue".
type SetEventQueue struct {
	Node
	Dir   Word // may be absent
	Slots Num  // may be absent
}

// SetMMonit is "set mmonit" with one or more collectors.
type SetMMonit struct {
	Node
	Collectors []Collector
}

// A Collector is one M/Monit server.
type Collector struct {
	Node
	URL           *URL
	Timeout       Quantity
	TLS           TLS
	HostGroups    []Word
	NoCredentials bool // "register without credentials"
}

// SetTLS is "set ssl": defaults for all connections.
type SetTLS struct {
	Node
	TLS TLS
}

// TLS collects everything written about TLS in one statement, in file order.
// It may come from a block, from several blocks and from options outside of blocks.
type TLS []TLSOption

// A TLSOption is one of them.
type TLSOption struct {
	Node
	Name   TLSName
	On     bool   // verify: enable; selfsigned: allow
	Value  Word   // ciphers, files, path and digest
	Hash   string // checksum: "md5" or "sha1" where written
	Days   Num    // days
	Values []Word // version: "tlsv12" in lower case, with "-" in front where written
}

// TLSName is what a TLSOption is about.
type TLSName string

// The TLS options.
const (
	TLSEnable     TLSName = "enable" // the word ssl or tls without a block, or "type tcpssl"
	TLSVerify     TLSName = "verify"
	TLSSelfSigned TLSName = "selfsigned"
	TLSVersion    TLSName = "version"
	TLSCiphers    TLSName = "ciphers"
	TLSPEMFile    TLSName = "pemfile"
	TLSPEMChain   TLSName = "pemchain"
	TLSPEMKey     TLSName = "pemkey"
	TLSClientPEM  TLSName = "clientpemfile"
	TLSCAFile     TLSName = "cacertificatefile"
	TLSCAPath     TLSName = "cacertificatepath"
	TLSChecksum   TLSName = "certificate checksum"
	TLSDays       TLSName = "certificate valid"
	TLSCertMD5    TLSName = "certmd5"
	// TLSAllowSelf is httpd's old word for a client certificate that may be signed by itself.
	TLSAllowSelf TLSName = "allowselfcertification"
)

// SetMailServer is "set mailserver" with servers in the order they are tried.
type SetMailServer struct {
	Node
	Servers  []MailServer
	Timeout  Quantity
	Hostname Word
}

// A MailServer is one SMTP relay.
type MailServer struct {
	Node
	Host               Word
	Port               Num
	Username, Password Word
	TLS                TLS
}

// SetMailFormat is "set mail-format".
type SetMailFormat struct {
	Node
	Format MailFormat
}

// SetAlert is "set alert": a recipient for every service.
type SetAlert struct {
	Node
	Alert Alert
}

// SetHTTPD is "set httpd". Where an option was written more than once, the last one is kept; Addresses has all.
type SetHTTPD struct {
	Node
	Port           Num
	Socket         Word
	SocketUID      Word
	SocketGID      Word
	SocketMode     Word // octal digits
	ReadOnly       bool // of the port
	SocketReadOnly bool
	Addresses      []Word
	TLS            TLS
	Signature      bool // true unless disabled
	Allow          []Allow
}

// An Allow admits someone to the httpd.
type Allow struct {
	Node
	Kind     AllowKind
	Name     Word   // user, group, host or network, or path of the htpasswd file
	Password Word   // AllowUser
	Hash     string // AllowFile: "cleartext", "md5" or "crypt"; "" means cleartext
	Users    []Word // AllowFile: these only; none means all
	ReadOnly bool
}

// AllowKind is how an Allow names whom it admits.
type AllowKind string

// The kinds of Allow.
const (
	AllowUser AllowKind = "user" // Name and Password
	AllowPAM  AllowKind = "pam"
	AllowFile AllowKind = "htpasswd"
	AllowHost AllowKind = "host"
)

func (*SetDaemon) stmt()     {}
func (*SetFlag) stmt()       {}
func (*SetOnReboot) stmt()   {}
func (*SetLimits) stmt()     {}
func (*SetLog) stmt()        {}
func (*SetPath) stmt()       {}
func (*SetEventQueue) stmt() {}
func (*SetMMonit) stmt()     {}
func (*SetTLS) stmt()        {}
func (*SetMailServer) stmt() {}
func (*SetMailFormat) stmt() {}
func (*SetAlert) stmt()      {}
func (*SetHTTPD) stmt()      {}

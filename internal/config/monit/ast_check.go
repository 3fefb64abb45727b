package monit

import (
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A Check is a service entry.
type Check struct {
	Node
	Header  diag.Span // from "check" to the subject
	Kind    model.Kind
	Name    Word
	By      Locator
	Subject Word     // what By says; absent for system and program, and for a unit that is called like its entry
	Program *Command // program only
	AsShell bool     // program only: one that is not there has failed; Monit cannot say so
	Init    Word     // unit only: the init system that runs it; may be absent
	Pidfile Word     // unit only: where the number of its process is, if the init system does not know; may be absent
	Tested  bool     // host only: there is a test of another language beside the options
	Options []Option // in file order
}

// Locator says how a Check names its subject.
type Locator string

// The locators. A path to a process is a pidfile.
const (
	ByPidfile   Locator = "pidfile"
	ByMatching  Locator = "matching" // Subject is an expression, also when its Class is Path
	ByPath      Locator = "path"
	ByAddress   Locator = "address"
	ByInterface Locator = "interface"
	ByUnit      Locator = "unit"
	ByNothing   Locator = ""
)

// An Option is a line of a service entry: *Method, *Every, *Mode, *OnReboot, *Group, *Depends, *Alert, *Ignore,
// *RestartLimit or *Test.
type Option interface {
	Pos() diag.Span
	option()
}

// A Method is a start, stop or restart program, or a reload program of a unit.
type Method struct {
	Node
	Kind    model.ActionKind // start, stop, restart or reload
	Command Command
}

// Every says when an entry is checked: each so many Cycles, or by Cron.
type Every struct {
	Node
	Cycles Num
	Cron   Word // five fields, separated by single blanks
	Not    bool // due except when Cron matches
}

// Mode is the monitoring mode of an entry.
type Mode struct {
	Node
	Name string // "active", "passive" or "manual"
}

// OnReboot is what becomes of an entry after a reboot.
type OnReboot struct {
	Node
	Mode model.OnReboot
}

// Group puts an entry into a group.
type Group struct {
	Node
	Name Word
}

// Depends names what an entry needs.
type Depends struct {
	Node
	Names []Word
}

// Ignore keeps lines of a file from content tests.
type Ignore struct {
	Node
	Not     bool
	Pattern Word // Class Path: a file with one expression a line
}

// A RestartLimit reacts to too many restarts.
type RestartLimit struct {
	Node
	Cond             diag.Span // "4 restarts within 5 cycles"
	Restarts, Cycles Num
	Then             Action
}

// A Test is "if CONDITION then ACTION".
type Test struct {
	Node
	Text    diag.Span // the condition with its rate: what stands between "if" and "then"
	Cond    Cond
	Dropped []*Compare // conditions written before Cond in the same test; Monit forgets them
	Rate    Rate
	Then    Action
	Else    Else
}

// A Cond is what a Test tests: *Compare, *Named, *Exist, *Ends, *Changed, *Owner, *Security, *Permission, *Checksum,
// *Content, *Link, *Ping or *Connection.
type Cond interface {
	Pos() diag.Span
	cond()
}

// A Compare compares a number. It covers everything that is measured as one.
//
// Metric is the plain metric whatever the unit: Memory with the unit Percent, never MemoryPercent; ReadBytes or
// DiskReadBytes also with the unit Operation, UploadBytes with the unit Packet. Ages of files have the metrics
// AccessAge to AnyAge, load averages per core Load1Core to Load15Core. Op is Equal where none was written.
type Compare struct {
	Node
	Metric model.Metric
	Op     model.Op
	Value  Quantity
	Total  bool     // "total upload", "total download"; Over is given then
	Over   Quantity // minutes, hours or days; the number is 1 where none was written
}

// Named compares a metric by its name, for which control files need no words.
type Named struct {
	Node
	Metric Word
	Op     model.Op
	Value  Quantity
	Over   Quantity // the time that totals and ends are summed over; may be absent
}

// Exist is a test of existence. It holds when the subject exists, or with Not when it does not.
type Exist struct {
	Node
	Not bool
}

// Ends is a test of a unit that ends without being asked to. It holds each time it does, or with Loop while it does so
// again and again.
type Ends struct {
	Node
	Loop bool
}

// Changed holds when a measurement differs from the one before, or with Not when it does not.
//
// Metric is one of PID, PPID, AccessTime, ChangeTime, ModifyTime, AnyTime, Size, Hardlinks, Permission, FSFlags,
// Status, Output, Capacity (of a link), or ChecksumMD5, ChecksumSHA1 and ChecksumSHA256.
// For a checksum without a named hash it is the Metric "checksum".
type Changed struct {
	Node
	Metric model.Metric
	Not    bool
}

// Unnamed is the Metric of checksum tests that name no hash.
const Unnamed model.Metric = "checksum"

// An Owner fails unless a user or group is as wanted. Metric is UID, EUID or GID.
type Owner struct {
	Node
	Metric model.Metric
	Want   Word // a name, or a number where Class is Number
}

// A Security test is about the security attribute of a process. The condition describes the failure:
// "failed security attribute x" has the Op NotEqual.
type Security struct {
	Node
	Op   model.Op // Equal, NotEqual, Matches or NotMatches
	Want Word
}

// A Permission test fails unless the permission is as wanted.
type Permission struct {
	Node
	Want Word // the digits as written, Class Number
}

// A Checksum test fails unless the file's content is as it was, or as expected.
type Checksum struct {
	Node
	Metric model.Metric // ChecksumMD5, ChecksumSHA1, ChecksumSHA256 or Unnamed
	Expect Word         // may be absent
}

// Content holds when lines of a file or the output of a program match, or with Not when they do not.
type Content struct {
	Node
	Not     bool
	Pattern Word // Class Path in a file: a file with one expression a line
}

// Link is a test of a network link. It holds while the link is down, or with Up while it is up.
type Link struct {
	Node
	Up bool
}

// A Response is what a test wants of the response time: the condition is good while it holds.
type Response struct {
	Node
	Op    model.Op
	Value Quantity // milliseconds or seconds
}

// A Ping asks whether a host answers.
type Ping struct {
	Node
	Succeeded bool // the test is inverted: trouble while the host answers
	Family    int  // 4, 6 or 0 for any
	Count     Num
	Size      Num
	Timeout   Quantity
	Source    Word
	Response  Response
}

// A Connection test connects to a port, a unix socket or a web page, and may speak a protocol.
// Exactly one of Port, Socket and URL is given. Of repeated options the last one is kept.
type Connection struct {
	Node
	Succeeded bool // the test is inverted: trouble while the connection works
	Host      Word
	Port      Num
	Socket    Word
	URL       *URL
	Family    int // 4, 6 or 0 for any
	UDP       bool
	Type      Word // the word after "type", in lower case; may be absent
	Source    Word
	Protocol  *Protocol // nil: only connects, or Dialog
	Dialog    []Turn
	Replaced  []Turn // of Dialog: replaced by a Protocol written after it
	Body      *Content
	Timeout   Quantity
	Response  Response
	Retry     Num
	TLS       TLS
}

// A Protocol is what is spoken on a connection. Name is in lower case, as documented: "apache-status", "ldap3".
type Protocol struct {
	Node
	Name   string
	Params []Param // in file order
}

// A Param is an option of a protocol, by its documented name ("username", "loglimit", "request").
// Of "http headers" each header is a Param "header" whose Value reads "Name: value".
// Limits in per cent have an Op; so has "status". "rsakey" has its Hash word in Hash.
type Param struct {
	Node
	Name  string
	Op    model.Op // "" where the option takes none
	Value Word
	Hash  string
}

// A Turn is one send or expect.
type Turn struct {
	Node
	Expect bool
	Text   Word // `\0xHH` in a send is left as written where HH is 00
}

func (*Check) stmt() {}

func (*Method) option()       {}
func (*Every) option()        {}
func (*Mode) option()         {}
func (*OnReboot) option()     {}
func (*Group) option()        {}
func (*Depends) option()      {}
func (*Alert) option()        {}
func (*Ignore) option()       {}
func (*RestartLimit) option() {}
func (*Test) option()         {}

func (*Compare) cond()    {}
func (*Named) cond()      {}
func (*Exist) cond()      {}
func (*Ends) cond()       {}
func (*Changed) cond()    {}
func (*Owner) cond()      {}
func (*Security) cond()   {}
func (*Permission) cond() {}
func (*Checksum) cond()   {}
func (*Content) cond()    {}
func (*Link) cond()       {}
func (*Ping) cond()       {}
func (*Connection) cond() {}

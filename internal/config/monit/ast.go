package monit

import (
	"math"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// A File is everything one control file says, with the text of its includes in place.
type File struct {
	Stmts    []Stmt
	Includes []Include
	Sources  []*diag.Source // the control file first, then what was included, in the order of reading
	Comments []diag.Span
}

// A Stmt is a statement of the top level: *Check, *Alert or one of the Set types.
type Stmt interface {
	Pos() diag.Span // of the whole statement; where an include cuts it in two, of the part before
	stmt()
}

// An Include tells which texts were put where an include statement stood. That may be in the middle of a statement.
type Include struct {
	Node
	Pattern Word
	Sources []*diag.Source // what was read, in this order
}

// A Node is the place of a syntax element. It is embedded in all of them.
type Node struct{ Span diag.Span }

// Pos is the text the element was read from.
func (n Node) Pos() diag.Span { return n.Span }

// Given tells whether an optional element was written at all.
func (n Node) Given() bool { return n.Span.Src != nil }

// Class is the class of token that a word was written as. Monit's rules often depend on it.
type Class int8

// The classes.
const (
	Bare   Class = iota
	Quoted       // in quotes, not beginning with a slash
	Path         // beginning with a slash, in quotes or not
	Number       // digits only
	Mail         // user@host
)

// A Word is one value as a user wrote it: without quotes, escapes resolved.
// The bytes are those of the file; they need not be UTF-8.
type Word struct {
	Node
	Text  string
	Class Class
}

// A Num is a number that was written without a sign.
type Num struct {
	Node
	Value float64
}

// Int is the value without its fraction; what does not fit 32 bits becomes the largest number that does.
func (n Num) Int() int { return int(min(n.Value, math.MaxInt32)) }

// Unit is the unit a number was written with.
type Unit int8

// The units. NoUnit means that none was written and the default of the test counts.
const (
	NoUnit Unit = iota
	Byte
	Kilobyte
	Megabyte
	Gigabyte
	Percent
	Millisecond
	Second
	Minute
	Hour
	Day
	Month
	Operation
	Packet
)

// Scale is how many bytes or seconds the unit stands for, and 1 for every other unit.
func (u Unit) Scale() float64 { return unitScales[u] }

var unitScales = [...]float64{
	NoUnit: 1, Byte: 1, Kilobyte: 1 << 10, Megabyte: 1 << 20, Gigabyte: 1 << 30, Percent: 1,
	Millisecond: 1e-3, Second: 1, Minute: 60, Hour: 3600, Day: 86400, Month: 31 * 86400, Operation: 1, Packet: 1,
}

// A Quantity is a number with its unit.
type Quantity struct {
	Num
	Unit Unit
}

// A Rate is "Count times within Window cycles". "for 3 cycles" gives both numbers the value 3.
type Rate struct {
	Node
	Count, Window Num
}

// A Command is a program with arguments, and how it is run. Escapes and single quotes are resolved in Args.
type Command struct {
	Node
	Args     []Word
	UID, GID Word     // a name, or a number where Class is Number
	Timeout  Quantity // seconds
}

// An Action is what a test does. "timeout", which restart limits may use, is read as unmonitor.
type Action struct {
	Node
	Kind   model.ActionKind
	Exec   *Command // exec only
	Repeat Num      // exec only: cycles; 1 where no number was written
	Early  int      // exec only: with so many failures before the rule fails; Monit cannot say so
	Once   bool     // not in every failing cycle; Monit cannot say so
	On     Word     // the service that it is done to, when that is another one; Monit cannot say so
}

// An Else is what a test does on recovery.
type Else struct {
	Node
	Rate Rate
	Then Action
}

// An Address is a mail address with the name before it, if any.
type Address struct {
	Node
	Name, Mail string
}

// A MailFormat is the block of that name; what was not written is not Given.
type MailFormat struct {
	Node
	From, ReplyTo    Address
	Subject, Message Word
}

// A Filter selects events. It selects none of Topics when Not is set.
type Filter struct {
	Node
	Not    bool
	Topics []TopicWord
}

// A TopicWord is an event name of a filter.
type TopicWord struct {
	Node
	Topic model.Topic
}

// An Alert is a recipient: of all services after "set", of one service in its entry.
type Alert struct {
	Node
	Address  Word
	Filter   Filter
	Format   MailFormat
	Reminder Num  // cycles
	Mute     bool // "noalert", in an entry only; nothing but Address is given
}

// A URL is the address of a web page.
type URL struct {
	Node
	Scheme         string // "http" or "https"
	User, Password string // as they are written, percent-encoded or not
	Host           string // without the brackets of IPv6
	Port           int
	Request        string // path and query, percent-encoded where needed; at least "/"
}

package monit

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// str reads a word or quoted text that is no path.
func (p *parser) str(what string) Word {
	if !p.tok.isString() {
		p.unexpected(what + " (text)")
		return Word{}
	}
	return p.word()
}

// path reads an absolute path.
func (p *parser) path(what string) Word {
	if p.tok.kind != tokPath {
		if p.tok.isLong() {
			p.fail("monit/syntax", "%s is not a path", shown(p.tok)).
				Hinted("the text in quotes goes over several lines; is its closing quote missing?")
			return Word{}
		}
		if p.tok.isString() {
			p.fail("monit/syntax", "%s is not an absolute path", shown(p.tok)).Hinted("%s begins with a slash", what)
			return Word{}
		}
		p.unexpected(what + " (an absolute path)")
		return Word{}
	}
	return p.word()
}

// strOrPath reads a word, quoted text or a path.
func (p *parser) strOrPath(what string) Word {
	if p.tok.kind == tokPath {
		return p.word()
	}
	return p.str(what)
}

// account reads the name or number of a user or group.
func (p *parser) account(what string) Word {
	if p.tok.kind == tokNumber {
		return p.word()
	}
	return p.str(what)
}

// strOrMail reads a word, quoted text or a mail address.
func (p *parser) strOrMail(what string) Word {
	if p.tok.kind == tokMail {
		return p.word()
	}
	return p.str(what)
}

// word reads the next token, whatever it is, as a value.
func (p *parser) word() Word {
	if p.failed {
		return Word{}
	}
	w := p.value(p.tok)
	p.next()
	return w
}

// value turns a token into a Word.
func (p *parser) value(t token) Word {
	w := Word{Node: Node{t.span()}, Class: classes[t.kind]}
	text := t.bytes()
	if i := bytes.IndexByte(text, 0); i >= 0 {
		text = text[:i]
		p.diags.Warn(diag.Span{Src: t.src, Start: t.start + i, End: t.start + i + 1}, "monit/nul",
			"this NUL byte ends the value it stands in").Hinted("remove the byte")
	}
	if len(text) == 0 || text[0] != '"' && text[0] != '\'' {
		w.Text = string(text)
		return w
	}
	text = bytes.Trim(text, `"' `)
	if bytes.IndexByte(text, '\\') < 0 {
		w.Text = string(text)
		return w
	}
	w.Text = p.unescape(t, string(text))
	return w
}

var classes = [...]Class{
	tokWord: Bare, tokKeyword: Bare, tokURL: Bare, tokQuoted: Quoted, tokPath: Path, tokNumber: Number, tokReal: Number,
	tokMail: Mail, tokChar: Bare, tokBad: Bare,
}

// unescape resolves the escapes of quoted text. A zero byte stays as it was written: it is for what is sent.
func (p *parser) unescape(t token, text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			b.WriteByte(c)
			continue
		}
		i++
		switch c := text[i]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case ' ', '\\':
			b.WriteByte(c)
		case '0':
			if len(text)-i < 4 {
				p.diags.Error(t.span(), "monit/escape", `the escape \0 is not complete`).
					Hinted(`write \0x and two hexadecimal digits, such as \0x41`)
				p.errors++
				return b.String()
			}
			n, err := strconv.ParseUint(text[i+2:i+4], 16, 8)
			if text[i+1] != 'x' || err != nil || n == 0 {
				b.WriteString(`\0`)
				continue
			}
			b.WriteByte(byte(n))
			i += 3
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// fail reports an error at the next token and puts the statement in error.
func (p *parser) fail(code, format string, args ...any) *diag.Diagnostic {
	d := p.diags.Error(p.here(), code, format, args...)
	p.stop()
	return d
}

// integer reads a number without decimals. what says of what, or is empty.
func (p *parser) integer(what string) Num {
	if p.tok.kind != tokNumber {
		p.unexpected(strings.TrimPrefix(what+" as ", " as ") + "a whole number")
		return Num{}
	}
	return p.num()
}

// real reads a number that may have decimals.
func (p *parser) real(what string) Num {
	if p.tok.kind != tokNumber && p.tok.kind != tokReal {
		p.unexpected(what)
		return Num{}
	}
	return p.num()
}

func (p *parser) num() Num {
	n := Num{Node: Node{p.here()}}
	f, err := strconv.ParseFloat(string(p.tok.bytes()), 64)
	if err != nil || math.IsInf(f, 0) {
		f = math.MaxInt64
	}
	n.Value = f
	p.next()
	return n
}

var units = map[string]Unit{
	"byte": Byte, "kb": Kilobyte, "mb": Megabyte, "gb": Gigabyte, "percent": Percent, "millisecond": Millisecond,
	"second": Second, "minute": Minute, "hour": Hour, "day": Day, "month": Month, "operation": Operation,
	"packet": Packet,
}

// unit reads a unit if one of those allowed is next.
func (p *parser) unit(allowed ...string) Unit {
	if p.tok.kind != tokKeyword || !p.at(allowed...) {
		return NoUnit
	}
	u := units[p.tok.name]
	p.next()
	return u
}

// mustUnit reads one of the units allowed.
func (p *parser) mustUnit(allowed ...string) Unit {
	u := p.unit(allowed...)
	if u == NoUnit {
		p.unexpected("the unit "+alternatives(allowed), allowed...)
	}
	return u
}

// seconds reads a time in whole seconds, such as a timeout.
func (p *parser) seconds(what string) Quantity {
	start := p.here()
	n := p.integer(what)
	u := p.mustUnit("second")
	n.Span = p.from(start).Span
	return Quantity{n, u}
}

// operators are the comparisons by canonical keyword.
var operators = map[string]model.Op{
	">": model.Greater, ">=": model.GreaterEqual, "<": model.Less, "<=": model.LessEqual, "=": model.Equal,
	"!=": model.NotEqual, "changed": model.NotEqual,
}

// operator reads a comparison if one is next; without one, equality is meant.
func (p *parser) operator() model.Op {
	if p.tok.kind == tokKeyword {
		if op, ok := operators[p.tok.name]; ok {
			p.next()
			return op
		}
	}
	return model.Equal
}

// rate reads "3 cycles" or "3 times within 5 cycles" if a number is next.
func (p *parser) rate() Rate {
	if p.tok.kind != tokNumber {
		return Rate{}
	}
	return p.rateFrom(p.num())
}

// rateFrom reads what stands behind the number that a rate begins with.
func (p *parser) rateFrom(count Num) Rate {
	window := count
	if p.tok.kind == tokNumber {
		window = p.num()
	}
	p.expect("cycle")
	return Rate{p.from(count.Span), count, window}
}

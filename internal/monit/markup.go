package monit

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// markup is a document that grows at its end. Names of elements come as their start tags, "<pid>", because only they
// are ever needed: the end tag is made of them.
//
// What is written most collects its parts before it stores them: while the garbage collector runs, each store of the
// slice costs more than the parts themselves.
type markup []byte

func (m *markup) raw(text string) { *m = append(*m, text...) }

// end closes an element that was opened by its start tag.
func (m *markup) end(tag string) { *m = appendEnd(*m, tag) }

func appendEnd(b []byte, tag string) []byte {
	b = append(b, '<', '/')
	return append(b, tag[1:]...)
}

func (m *markup) integer(tag string, n int64) {
	b := append(*m, tag...)
	b = strconv.AppendInt(b, n, 10)
	*m = appendEnd(b, tag)
}

// decimal is a number with so many digits after the point, at most 6.
func (m *markup) decimal(tag string, f float64, digits int) {
	b := append(*m, tag...)
	b = appendDecimal(b, f, digits)
	*m = appendEnd(b, tag)
}

// text is an element of text that came from elsewhere.
func (m *markup) text(tag, text string) {
	*m = append(*m, tag...)
	m.escaped(text)
	m.end(tag)
}

// cdata is an element whose text is in a section of its own, as readers expect it that do not know entities.
func (m *markup) cdata(tag, text string) {
	*m = append(*m, tag...)
	m.section(text)
	m.end(tag)
}

// section writes text as it is. A mark of its end inside it is divided between two sections.
func (m *markup) section(text string) {
	*m = append(*m, "<![CDATA["...)
	for {
		before, after, found := strings.Cut(text, "]]>")
		m.valid(before)
		if !found {
			break
		}
		*m = append(*m, "]]]]><![CDATA[>"...)
		text = after
	}
	*m = append(*m, "]]>"...)
}

// escaped writes text for an element or an attribute. White space that a reader would change is written by its number.
func (m *markup) escaped(text string) {
	from := 0
	for i := 0; i < len(text); i++ {
		entity := entities[text[i]]
		if entity == "" {
			continue
		}
		m.valid(text[from:i])
		*m = append(*m, entity...)
		from = i + 1
	}
	m.valid(text[from:])
}

var entities = [256]string{
	'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&quot;", '\'': "&apos;", '\t': "&#9;", '\n': "&#10;", '\r': "&#13;",
}

// valid writes text in UTF-8. What is none, and characters that no document may hold, become a replacement.
func (m *markup) valid(text string) {
	from := 0
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || !allowed(r) {
			*m = append(*m, text[from:i]...)
			*m = utf8.AppendRune(*m, utf8.RuneError)
			from = i + size
		}
		i += size
	}
	*m = append(*m, text[from:]...)
}

// allowed tells whether a document may hold a character.
func allowed(r rune) bool {
	return r >= ' ' && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == '\n' || r == '\r'
}

var powers = [...]float64{1, 10, 100, 1e3, 1e4, 1e5, 1e6}

// appendDecimal is strconv.AppendFloat in a quarter of its time. Halves are rounded away from zero.
func appendDecimal(b []byte, f float64, digits int) []byte {
	scaled := math.Round(f * powers[digits])
	if !(math.Abs(scaled) < 1<<53) {
		return strconv.AppendFloat(b, finite(f), 'f', digits, 64)
	}
	n := int64(scaled)
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	unit := int64(powers[digits])
	b = strconv.AppendInt(b, n/unit, 10)
	if digits == 0 {
		return b
	}
	b = append(b, '.')
	for n %= unit; unit > 1; n %= unit {
		unit /= 10
		b = append(b, byte('0'+n/unit))
	}
	return b
}

// rounded is the whole number next to f, as near as there is one.
func rounded(f float64) int64 {
	if n := int64(f); float64(n) == f && n != math.MaxInt64 && n != math.MinInt64 {
		return n // as most are
	}
	f = math.Round(finite(f))
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// finite is f, or 0 where a reader could not do anything with it.
func finite(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

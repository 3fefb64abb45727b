package notice

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pythonSpec is [[fill]align][sign][0][width][.precision][type].
var pythonSpec = regexp.MustCompile(`^(?:(?s:(.))?([<>=^]))?([-+ ])?(0)?(\d{1,4})?(?:\.(\d{1,6}))?([ds])?$`)

// maxPadded bounds how wide a value can be made.
const maxPadded = 1000

// PythonFormat words a text or a whole number as Python's str.format does with a format like "03d", ">10" or ".100".
func PythonFormat(spec string, v any) (string, error) {
	m := pythonSpec.FindStringSubmatch(spec)
	if m == nil {
		return "", fmt.Errorf("%q is no format of Python's that is known here", spec)
	}
	fill, align, sign, zero, kind := m[1], m[2], m[3], m[4], m[7]
	width, _ := strconv.Atoi(m[5])
	if width > maxPadded {
		return "", fmt.Errorf("the format %q is wider than %d characters", spec, maxPadded)
	}
	number, isNumber := v.(int)
	switch {
	case isNumber && (kind == "s" || m[6] != ""):
		return "", fmt.Errorf("%q is no format for a number", spec)
	case !isNumber && (kind == "d" || sign != "" || align == "="):
		return "", fmt.Errorf("%q is no format for a text", spec)
	case fill == "" && zero != "":
		fill = zero
	case fill == "":
		fill = " "
	}
	if isNumber {
		if align == "" && zero != "" {
			align = "="
		}
		return padNumber(number, sign, fill, align, width), nil
	}
	text := fmt.Sprint(v)
	if m[6] != "" {
		precision, _ := strconv.Atoi(m[6])
		text = firstRunes(text, precision)
	}
	return pad(text, fill, align, "<", width), nil
}

func padNumber(n int, sign, fill, align string, width int) string {
	digits := strconv.Itoa(n)
	front := ""
	switch {
	case n < 0:
		front, digits = "-", digits[1:]
	case sign == "+" || sign == " ":
		front = sign
	}
	if align == "=" {
		return front + pad(digits, fill, ">", ">", width-len(front))
	}
	return pad(front+digits, fill, align, ">", width)
}

// pad fills a text up to a width in characters.
func pad(text, fill, align, usual string, width int) string {
	missing := width - utf8.RuneCountInString(text)
	if missing <= 0 {
		return text
	}
	if align == "" {
		align = usual
	}
	switch align {
	case ">":
		return strings.Repeat(fill, missing) + text
	case "^":
		return strings.Repeat(fill, missing/2) + text + strings.Repeat(fill, missing-missing/2)
	}
	return text + strings.Repeat(fill, missing)
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// PythonRepr words a value as Python's repr does.
func PythonRepr(v any) string {
	text, isText := v.(string)
	if !isText {
		return fmt.Sprint(v)
	}
	quote := byte('\'')
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	out := []byte{quote}
	for _, r := range text {
		switch {
		case r == rune(quote) || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\r':
			out = append(out, `\r`...)
		case r == '\t':
			out = append(out, `\t`...)
		case r < ' ' || r == 0x7f:
			out = fmt.Appendf(out, `\x%02x`, r)
		case unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		case r <= 0xff:
			out = fmt.Appendf(out, `\x%02x`, r)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = fmt.Appendf(out, `\U%08x`, r)
		}
	}
	return string(append(out, quote))
}

package cachet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// mapsKeys are the names of a form.
func mapsKeys(values url.Values) iter.Seq[string] { return maps.Keys(values) }

// readParts reads a form of parts. Files are left out.
func readParts(data []byte, boundary string) (url.Values, error) {
	form, err := multipart.NewReader(bytes.NewReader(data), boundary).ReadForm(maxBody)
	if err != nil {
		return nil, err
	}
	return form.Value, form.RemoveAll()
}

// set takes over what was given; nil was not.
func set[T any](to, given *T) {
	if given != nil {
		*to = *given
	}
}

// has tells whether a member was given.
func (in *input) has(name string) bool { return in.members[name] != nil }

// membersOf is the input of an API whose members the others do not know.
func (in *input) membersOf(f face) *input {
	if in.face == f {
		return in
	}
	return &input{face: in.face}
}

// need wants members to be there, and to be more than empty texts.
func (in *input) need(names ...string) {
	for _, name := range names {
		text, isText := in.members[name].(string)
		if !in.has(name) || isText && strings.TrimSpace(text) == "" {
			in.fault(name, "is required")
		}
	}
}

// fault notes that something is wrong with a member.
func (in *input) fault(name, text string) {
	in.wrong = append(in.wrong, fault{name, fmt.Sprintf("The %s %s.", strings.ReplaceAll(name, "_", " "), text)})
}

// err is what is wrong with everything that was asked for until now.
func (in *input) err() error {
	if len(in.wrong) == 0 {
		return nil
	}
	return in.wrong
}

// scalar is a member that is no list and no object, as a text.
func (in *input) scalar(name string) (text string, ok bool) {
	switch v := in.members[name].(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "1", true
		}
		return "0", true
	}
	in.fault(name, "must be a single value")
	return "", false
}

// text is a member of any length and lines.
func (in *input) text(name string) *string {
	text, ok := in.scalar(name)
	if !ok {
		return nil
	}
	if strings.ContainsRune(text, 0) {
		in.fault(name, "has a character that is not for texts")
	}
	return &text
}

// line is a member of one line.
func (in *input) line(name string) *string {
	text := in.text(name)
	if text != nil && strings.ContainsFunc(*text, unicode.IsControl) {
		in.fault(name, "must be one line")
	}
	return text
}

// number is a member that is a whole number in a range. Texts and 3.0 are numbers as well (P-008). An empty text is none.
func number[T ~int | ~int64](in *input, name string, least, most T) *T {
	text, ok := in.scalar(name)
	if text = strings.TrimSpace(text); !ok || text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(text, 64)
		if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			in.fault(name, "must be a whole number")
			return nil
		}
		n = int64(f)
	}
	if n < int64(least) || n > int64(most) {
		in.fault(name, fmt.Sprintf("must be between %d and %d", least, most))
		return nil
	}
	v := T(n)
	return &v
}

// id is a member that is the number of something; 0 is nothing.
func (in *input) id(name string) *int64 { return number[int64](in, name, 0, math.MaxInt64) }

// real is a member that is a number.
func (in *input) real(name string) *float64 {
	text, ok := in.scalar(name)
	if !ok {
		return nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		in.fault(name, "must be a number")
		return nil
	}
	return &f
}

// flag is a member that is true or false. Of texts "0", the empty one and words for no are false, all others true (P-008).
func (in *input) flag(name string) *bool {
	text, ok := in.scalar(name)
	if !ok {
		return nil
	}
	on := !slices.Contains([]string{"", "0", "false", "no", "off"}, strings.ToLower(strings.TrimSpace(text)))
	return &on
}

// The ways to write a time (P-013), most of them in the zone of the request.
var timeLayouts = []string{
	time.DateTime, "2006-01-02 15:04", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly,
}

// time is a member that is a time. An empty text is none.
func (in *input) time(name string, zone *time.Location) *time.Time {
	text, ok := in.scalar(name)
	if text = strings.TrimSpace(text); !ok || text == "" {
		return nil
	}
	for _, layout := range timeLayouts {
		t, err := time.ParseInLocation(layout, text, zone)
		if err == nil && t.Year() >= 1970 && t.Year() < 10000 {
			return &t
		}
	}
	in.fault(name, "must be a time like 2006-01-02 15:04")
	return nil
}

// object is a member that is a JSON object, or JSON of one in a text. An empty list is an object without members: nil.
func (in *input) object(name string) *json.RawMessage {
	value := in.members[name]
	if text, ok := value.(string); ok {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		one := &input{members: map[string]any{}}
		if one.json([]byte(text)) != nil {
			in.fault(name, "must be an object")
			return nil
		}
		value = one.members
	}
	var data json.RawMessage
	switch v := value.(type) {
	case nil:
		return nil
	case map[string]any:
		if len(v) > 0 {
			data, _ = json.Marshal(v) // it was JSON before
		}
	case []any:
		if len(v) > 0 {
			in.fault(name, "must be an object")
		}
	default:
		in.fault(name, "must be an object")
	}
	return &data
}

// texts is a member that is a list of texts, or one text with commas in between. An empty text is none.
func (in *input) texts(name string) *[]string {
	var out []string
	switch v := in.members[name].(type) {
	case nil:
		return nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
		out = strings.Split(v, ",")
	case []any:
		for _, one := range v {
			text, ok := one.(string)
			if number, is := one.(json.Number); is {
				text, ok = number.String(), true
			}
			if !ok {
				in.fault(name, "must be a list of texts")
			}
			out = append(out, text)
		}
	case map[string]any: // as they are shown: names by their slugs
		for _, slug := range slices.Sorted(maps.Keys(v)) {
			text, ok := v[slug].(string)
			if !ok {
				in.fault(name, "must be a list of texts")
			}
			out = append(out, text)
		}
	case json.Number:
		out = []string{v.String()}
	default:
		in.fault(name, "must be a list of texts")
	}
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
		if strings.ContainsFunc(out[i], unicode.IsControl) {
			in.fault(name, "must be one line each")
		}
	}
	return &out
}

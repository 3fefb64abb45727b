package cachet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what a request may carry.
const (
	maxBody    = 1 << 20 // bytes
	maxMembers = 2000    // of a form or a query
	maxDepth   = 32      // of JSON, and of brackets in names
)

// An input is what a request carries, by exact names: the members of its body, before the parameters of its query (P-003).
type input struct {
	face    face
	members map[string]any // string, json.Number, bool, []any, map[string]any; null is left out (P-007)
	wrong   faults
}

// readInput reads the query and, where there is to be one, the body.
func (c *call) readInput() error {
	c.in = &input{face: c.face, members: map[string]any{}}
	query, _ := url.ParseQuery(c.r.URL.RawQuery) // what cannot be read of it is not there
	if err := c.in.form(query); err != nil {
		return err
	}
	if c.r.Method != http.MethodPost && c.r.Method != http.MethodPut && c.r.Method != http.MethodPatch {
		return nil
	}
	conn := http.NewResponseController(c.w)
	_ = conn.SetReadDeadline(time.Now().Add(bodyPatience)) // a connection that cannot has limits of its own
	data, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	_ = conn.SetReadDeadline(time.Time{})
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errTooLarge
	}
	if err != nil {
		return &refusal{http.StatusBadRequest, "the body did not arrive"}
	}
	return c.in.body(c.r.Header.Get("Content-Type"), data)
}

// body takes in a body. Programs are careless about its type: what begins like JSON is JSON.
func (in *input) body(kind string, data []byte) error {
	data = bytes.TrimSpace(data)
	kind, params, _ := mime.ParseMediaType(kind)
	switch {
	case len(data) == 0:
		return nil // P-004
	case kind == "multipart/form-data":
		return in.parts(data, params["boundary"])
	case data[0] == '{' || strings.HasSuffix(kind, "json"):
		return in.json(data)
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return &refusal{http.StatusBadRequest, "the form cannot be read"}
	}
	return in.form(values)
}

func (in *input) json(data []byte) error {
	if tooDeep(data) {
		return &refusal{http.StatusBadRequest, fmt.Sprintf("the JSON is nested more than %d times", maxDepth)}
	}
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil || decoder.More() {
		return &refusal{http.StatusBadRequest, "the body is not a JSON object"}
	}
	if !utf8.Valid(data) {
		return &refusal{http.StatusBadRequest, "the body is not UTF-8"}
	}
	for name, value := range members {
		if value != nil {
			in.members[name] = value
		}
	}
	return nil
}

// tooDeep tells whether brackets are nested too much.
func tooDeep(data []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch b := data[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

func (in *input) parts(data []byte, boundary string) error {
	broken := &refusal{http.StatusBadRequest, "the form cannot be read"}
	if boundary == "" {
		return broken
	}
	values, err := readParts(data, boundary)
	if err != nil {
		return broken
	}
	return in.form(values)
}

// form takes in the fields of a form. Names have structure as PHP reads it: tags[]=a, vars[host]=b, components[0][id]=1.
func (in *input) form(values url.Values) error {
	count := 0
	tree := map[string]any{}
	for _, name := range slices.Sorted(mapsKeys(values)) {
		if count += len(values[name]); count > maxMembers {
			return &refusal{http.StatusBadRequest, fmt.Sprintf("there are more than %d parameters", maxMembers)}
		}
		path := namePath(name)
		if len(path) > maxDepth {
			return &refusal{http.StatusBadRequest, "the name of a parameter has too many brackets"}
		}
		for _, value := range values[name] {
			if !utf8.ValidString(value) || !utf8.ValidString(name) {
				return &refusal{http.StatusBadRequest, "a parameter is not UTF-8"}
			}
			plant(tree, path, value)
		}
	}
	for name, value := range tree {
		in.members[name] = listed(value)
	}
	return nil
}

// namePath splits a[b][] into "a", "b" and "".
func namePath(name string) []string {
	first, rest, ok := strings.Cut(name, "[")
	if !ok || first == "" || !strings.HasSuffix(rest, "]") {
		return []string{name}
	}
	return append([]string{first}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
}

// plant puts a value at its place. Something that is already there and has no places gives way, as in PHP.
func plant(tree map[string]any, path []string, value string) {
	name := path[0]
	if name == "" {
		name = strconv.Itoa(len(tree))
	}
	if len(path) == 1 {
		tree[name] = value
		return
	}
	branch, ok := tree[name].(map[string]any)
	if !ok {
		branch = map[string]any{}
		tree[name] = branch
	}
	plant(branch, path[1:], value)
}

// listed has what is numbered from 0 be a list.
func listed(value any) any {
	branch, ok := value.(map[string]any)
	if !ok {
		return value
	}
	for name := range branch {
		branch[name] = listed(branch[name])
	}
	list := make([]any, len(branch))
	for i := range list {
		if list[i], ok = branch[strconv.Itoa(i)]; !ok {
			return branch
		}
	}
	return list
}

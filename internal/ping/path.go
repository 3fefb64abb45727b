package ping

import (
	"regexp"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// maxPath bounds a path, in bytes.
const maxPath = 512

// split returns the parts of a path behind Prefix: a key, perhaps a slug, perhaps what happened. None: it is no path of
// ours.
func split(path string) []string {
	rest, ours := strings.CutPrefix(path, Prefix)
	if !ours || len(path) > maxPath {
		return nil
	}
	parts := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	if len(parts) > 3 {
		return nil
	}
	for _, p := range parts {
		if p == "" {
			return nil
		}
	}
	return parts
}

// signalOf reads the last part of a path, which may be missing.
func signalOf(word string) (model.Signal, bool) {
	switch word {
	case "":
		return model.Signal{Kind: model.SignalEnd}, true
	case "start":
		return model.Signal{Kind: model.SignalStart}, true
	case "fail":
		return model.Signal{Kind: model.SignalFail}, true
	case "log":
		return model.Signal{Kind: model.SignalLog}, true
	}
	status, err := strconv.ParseUint(word, 10, 8)
	return model.Signal{Kind: model.SignalEnd, Status: int(status)}, err == nil
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isUUID(s string) bool { return uuid.MatchString(s) }

// slug is what a service is called in a path: its name in lower case, with a dash for whatever is neither letter nor
// digit.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
	return strings.Join(words, "-")
}

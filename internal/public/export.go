package public

import (
	"path"
	"strings"
)

// feedEndings are what files of feeds end with: a web server knows their kind by that.
var feedEndings = map[string]string{"atom": ".atom", "rss": ".rss"}

// fileOf is the file of a copy that holds what is found at a path.
func fileOf(at string) string {
	at, anchor, anchored := strings.Cut(at, "#")
	if anchored {
		anchor = "#" + anchor
	}
	name := path.Base(at)
	switch {
	case at == "":
		return "index.html" + anchor
	case path.Ext(name) != "" || name == "logo":
		return at
	case name == "shield":
		return at + ".svg"
	case feedEndings[name] != "":
		return at + feedEndings[name]
	case strings.HasPrefix(at, "atom/") || strings.HasPrefix(at, "rss/"):
		kind, _, _ := strings.Cut(at, "/")
		return at + feedEndings[kind]
	}
	return at + ".html" + anchor
}

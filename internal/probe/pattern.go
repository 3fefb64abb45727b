package probe

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// patternLimit bounds the compiled patterns that are kept. A configuration with more of them compiles some again.
const patternLimit = 1000

var patterns = struct {
	sync.Mutex
	compiled map[string]*regexp.Regexp
}{compiled: map[string]*regexp.Regexp{}}

// compile reads an extended regular expression. Each is compiled once, because checks ask for the same ones again and again.
// The time a match takes grows with the length of the text only, whatever the pattern.
func compile(pattern string) (*regexp.Regexp, error) {
	patterns.Lock()
	defer patterns.Unlock()
	if re := patterns.compiled[pattern]; re != nil {
		return re, nil
	}
	// In an extended regular expression a dot matches line ends as well, and \< and \> are the edges of a word.
	re, err := regexp.Compile("(?s)" + strings.NewReplacer(`\\`, `\\`, `\<`, `\b`, `\>`, `\b`).Replace(pattern))
	if err != nil {
		return nil, fmt.Errorf("cannot use pattern %q: %w", pattern, err)
	}
	if len(patterns.compiled) >= patternLimit {
		clear(patterns.compiled)
	}
	patterns.compiled[pattern] = re
	return re, nil
}

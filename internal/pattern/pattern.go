// Package pattern reads extended regular expressions as POSIX tools on GNU systems do, and matches them in time that
// grows with the length of the text only. [Compile] is its one entry point.
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// ErrUnsupported marks expressions that POSIX tools accept and that cannot be matched here: those that refer back to a
// group, depend on a language's order of letters, or repeat something more than 1000 times.
var ErrUnsupported = errors.New("is valid, but orderly cannot match it")

// kept bounds how many compiled expressions are kept. A configuration with more of them compiles some again.
const kept = 4096

var compiled = struct {
	sync.Mutex
	by map[string]*regexp.Regexp
}{by: map[string]*regexp.Regexp{}}

// Compile reads an extended regular expression. Each is compiled once, because checks ask for the same ones again and
// again; the result may be shared between goroutines.
//
// As POSIX says, a dot and a negated set match the end of a line, ^ and $ are the ends of the whole text, and a backslash
// means nothing within brackets; as GNU adds, \w \W \s \S \b \B \< \> \` and \' mean what they do there. Other letters
// stand for themselves: \d is a d. Only whether a text matches is as in POSIX, not which part of it does. Classes of
// characters are those of ASCII.
//
// Errors say what is wrong without repeating the expression; some wrap [ErrUnsupported].
func Compile(ere string) (*regexp.Regexp, error) {
	compiled.Lock()
	defer compiled.Unlock()
	if re := compiled.by[ere]; re != nil {
		return re, nil
	}
	translated, err := translate(ere)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile("(?s)" + translated)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", ErrUnsupported, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if len(compiled.by) >= kept {
		clear(compiled.by)
	}
	compiled.by[ere] = re
	return re, nil
}

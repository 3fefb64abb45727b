package minitor

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// minInterval keeps a mistake from becoming a busy loop.
const minInterval = 100 * time.Millisecond

// maxInterval bounds what is computed with intervals.
const maxInterval = 10 * 365 * 24 * time.Hour

// interval reads a time: seconds, or a duration of Go. It returns 0 where there is none.
func (c *compiler) interval(key string, n *node) time.Duration {
	if n == nil {
		return 0
	}
	d, ok := c.duration(key, n)
	switch {
	case !ok:
		return 0
	case d > maxInterval:
		c.errorf(n.span, "interval", "%s is too long", quoted(key))
		return 0
	}
	return d
}

func (c *compiler) duration(key string, n *node) (time.Duration, bool) {
	text, ok := c.single(key, n)
	if !ok {
		return 0, false
	}
	if d, err := time.ParseDuration(text); err == nil && isDuration(&node{shape: scalar, text: strings.TrimLeft(text, "+-")}) {
		return d, true
	}
	seconds, ok := c.wholeNumber(key, n, text, "a number of seconds, or a duration such as 1m30s")
	if seconds > int64(maxInterval/time.Second) {
		return math.MaxInt64, ok
	}
	return time.Duration(max(seconds, -1)) * time.Second, ok
}

// integer reads a whole number. It tells whether there is one.
func (c *compiler) integer(key string, n *node) (int, bool) {
	if n == nil {
		return 0, false
	}
	text, ok := c.single(key, n)
	if !ok {
		return 0, false
	}
	v, ok := c.wholeNumber(key, n, text, "a whole number")
	if ok && (v > math.MaxInt32 || v < math.MinInt32) {
		c.errorf(n.span, "number", "%s is too large", quoted(key))
		return 0, false
	}
	return int(v), ok
}

// single is the text of a value that must be one; references in it are filled in.
func (c *compiler) single(key string, n *node) (string, bool) {
	if n.shape != scalar {
		c.errorf(n.span, "type", "%s is %s, not a single value", quoted(key), n.what())
		return "", false
	}
	return strings.TrimSpace(c.literal(n)), true
}

// truths are words of YAML that Python takes for numbers.
var truths = map[string]int64{"true": 1, "yes": 1, "on": 1, "false": 0, "no": 0, "off": 0}

// wholeNumber reads a number as the YAML of Python does: 010 is 8, and 1:30 is 90.
func (c *compiler) wholeNumber(key string, n *node, text, wanted string) (int64, bool) {
	v, err := strconv.ParseInt(text, 0, 64)
	if err == nil {
		return v, true
	}
	if digits := strings.TrimLeft(strings.TrimLeft(text, "+-"), "0"); digits != "" && strings.Trim(digits, "0123456789") == "" {
		if v, err = strconv.ParseInt(text, 10, 64); err == nil { // 08, which is no octal number
			return v, true
		}
	}
	if v, ok := sixties(text); ok {
		c.warnf(n.span, "sixties", "%s is read as %d, as YAML once had it", quoted(n.text), v)
		return v, true
	}
	if v, is := truths[strings.ToLower(text)]; is && n.plain {
		c.warnf(n.span, "truth", "%s is read as the number %d", quoted(n.text), v)
		return v, true
	}
	c.errorf(n.span, "number", "%s is %s, not %s", quoted(key), quoted(n.text), wanted)
	return 0, false
}

// sixties reads 1:30 and 1:00:00.
func sixties(text string) (v int64, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 4 {
		return 0, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil || i > 0 && n >= 60 {
			return 0, false
		}
		v = v*60 + int64(n)
	}
	return v, true
}

// truth reads yes or no.
func (c *compiler) truth(key string, n *node) bool {
	if n == nil {
		return false
	}
	text, ok := c.single(key, n)
	v, is := truths[strings.ToLower(text)]
	if ok && !is {
		c.errorf(n.span, "truth", "%s is %s, not true or false", quoted(key), quoted(n.text))
	}
	return v == 1
}

// names reads a list of names.
func (c *compiler) names(key string, n *node) []word {
	if n == nil {
		return nil
	}
	if n.shape != list {
		c.errorf(n.span, "type", "%s is %s, not a list", quoted(key), n.what()).Hinted("write: [%s]", strings.TrimSpace(n.text))
		return nil
	}
	var out []word
	for _, e := range n.list {
		if e.shape != scalar {
			c.errorf(e.span, "type", "%s holds %s, not names only", quoted(key), e.what())
			continue
		}
		out = append(out, word{c.literal(e), e.span})
	}
	return out
}

// nameOrNames reads one name, or a list of them.
func (c *compiler) nameOrNames(key string, n *node) []word {
	if n != nil && n.shape == scalar {
		n = &node{span: n.span, shape: list, list: []*node{n}}
	}
	return c.names(key, n)
}

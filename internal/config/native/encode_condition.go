package native

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// quote writes a string of the rule language. What holds both kinds of quotes cannot be written there.
func quote(s string) string {
	mark := `"`
	if strings.Contains(s, mark) {
		mark = "'"
	}
	return mark + escapes.Replace(s) + mark
}

// credentials are user and password as in a URL.
func credentials(p model.Params) string {
	return url.UserPassword(p.Get("username"), p.Get("password")).String()
}

// condition writes what rules of a probe test when the words of the user are not all there: where they were cut, or
// blanks in them lost.
func (w *writer) condition(rules []model.Rule) (string, bool) {
	main := rules[0]
	p := main.Probe
	if p == nil || main.Metric != model.OK {
		return "", false
	}
	var c condition
	switch p.Kind {
	case model.ProbeContent:
		if len(p.Match.Patterns) != 1 {
			return "", false
		}
		c.content("=", p.Match.Not, p.Match.Patterns[0])
	case model.ProbePing:
		c.ping(main)
	default:
		c.connection(w, main)
	}
	if p.Kind != model.ProbeContent {
		if p.Timeout != w.service.Limits.NetworkTimeout {
			c.word("timeout", strconv.Itoa(int(p.Timeout/time.Second)), "seconds")
		}
		if p.Source != "" {
			c.word("address", quote(p.Source))
		}
	}
	for _, r := range rules[1:] {
		if lapseOf(&r) == nil {
			c.word(r.Text) // of the response time and the certificate
		}
	}
	if main.Policy.Fail != (model.Rate{}) {
		c.word(rate(main.Policy.Fail))
	}
	return strings.Join(c.words, " "), true
}

// comparison writes a condition that compares a metric by its name.
func comparison(r model.Rule) (string, bool) {
	if r.Probe != nil && r.Metric.Family() == "" || r.Operand.IsText() || !r.Operand.Present() {
		return "", false
	}
	words := []string{"metric", string(r.Metric), string(r.Op), amount(r.Operand.Number(), r.Metric.Unit())}
	if r.Over > 0 {
		words = append(words, "within", over(r.Over))
	}
	if r.Policy.Fail != (model.Rate{}) {
		words = append(words, rate(r.Policy.Fail))
	}
	return strings.Join(words, " "), true
}

// over writes the time that something is summed over.
func over(v time.Duration) string {
	if v > time.Hour {
		return amount(v.Hours(), model.Count) + " hours"
	}
	return amount(v.Minutes(), model.Count) + " minutes"
}

// amount writes a number, in the largest unit that is exact.
func amount(n float64, unit model.Unit) string {
	switch whole := int(n); {
	case unit == model.Percent:
		return strconv.FormatFloat(n, 'f', -1, 64) + "%"
	case unit == model.Bytes && float64(whole) == n && whole > 0:
		return formatSize(whole)
	case unit == model.Seconds && float64(whole) == n:
		for _, u := range []struct {
			seconds int
			name    string
		}{{3600, " hours"}, {60, " minutes"}} {
			if whole > 0 && whole%u.seconds == 0 {
				return strconv.Itoa(whole/u.seconds) + u.name
			}
		}
		return strconv.Itoa(whole) + " seconds"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// A condition collects the words of a test.
type condition struct{ words []string }

func (c *condition) word(words ...string) { c.words = append(c.words, words...) }

func (c *condition) result(r model.Rule) {
	if r.Operand == model.Num(1) {
		c.word("succeeded")
	} else {
		c.word("failed")
	}
}

func (c *condition) content(op string, not bool, pattern string) {
	if not {
		op = "!="
	}
	c.word("content", op, quote(pattern))
}

func (c *condition) ping(r model.Rule) {
	c.result(r)
	kind := "ping"
	if r.Probe.Family > 0 {
		kind += strconv.Itoa(r.Probe.Family)
	}
	c.word(kind, "count", strconv.Itoa(r.Probe.Count), "size", strconv.Itoa(r.Probe.Size))
}

// defaultHost is where connections go of which nothing else is said.
func (w *writer) defaultHost() string {
	if w.service.Kind == model.KindProcess || w.service.Kind == model.KindUnit {
		return "localhost"
	}
	return w.service.Subject.Address
}

func (c *condition) connection(w *writer, r model.Rule) {
	p := r.Probe
	c.result(r)
	if p.Kind == model.ProbeSocket {
		c.word("unixsocket", quote(p.Path))
	} else {
		if p.Host != w.defaultHost() {
			c.word("host", quote(p.Host))
		}
		c.word("port", strconv.Itoa(p.Port))
	}
	if p.UDP {
		c.word("type", "udp")
	}
	if p.Family > 0 {
		c.word("ipv" + strconv.Itoa(p.Family))
	}
	if p.Protocol != "" {
		c.word("protocol", p.Protocol)
		c.params(p.Params)
	}
	for _, t := range p.Dialog {
		if t.Expect != "" {
			c.word("expect", quote(t.Expect))
		} else {
			c.word("send", quote(t.Send))
		}
	}
	if p.Retry > 0 {
		c.word("retry", strconv.Itoa(p.Retry))
	}
}

// header writes a header of a request, which reads "Name: value".
func header(s string) string {
	name, value, _ := strings.Cut(s, ": ")
	return quote(name) + ": " + quote(value)
}

// params writes the options of a protocol. The test of a page's content comes last.
func (c *condition) params(params model.Params) {
	var headers []string
	for _, p := range params {
		switch {
		case p.Name == "header":
			headers = append(headers, header(p.Value))
		case p.Name == "content":
		case p.Name == "rsakey":
			c.word(p.Name, "checksum", quote(p.Value))
		case strings.HasSuffix(p.Name, "limit"):
			c.word(p.Name, string(p.Op), p.Value, "percent")
		case p.Op != "":
			c.word(p.Name, string(p.Op), p.Value)
		case p.Name == "method" || p.Name == "version" || p.Name == "maxforward":
			c.word(p.Name, p.Value)
		default:
			c.word(p.Name, quote(p.Value))
		}
	}
	if headers != nil {
		c.word("http headers [" + strings.Join(headers, ", ") + "]")
	}
	if p, ok := params.Find("content"); ok {
		c.content("=", p.Op == model.NotEqual, p.Value)
	}
}

package monit

import "orderly/internal/diag"

// An option of a protocol: its keyword, and the rule of its value.
type protocolOption struct {
	word string
	rule func(*parser, *Param)
}

var (
	userAndPassword = []protocolOption{
		{"username", (*parser).paramUser}, {"password", (*parser).paramString},
	}
	httpOptions = []protocolOption{
		{"username", (*parser).paramUser},
		{"password", (*parser).paramString},
		{"request", (*parser).paramStringOrPath},
		{"checksum", (*parser).paramString},
		{"status", (*parser).paramStatus},
		{"method", (*parser).paramMethod},
		{"hostheader", (*parser).paramString},
	}
	mysqlOptions = []protocolOption{
		{"username", (*parser).paramUser}, {"password", (*parser).paramString}, {"rsakey", (*parser).paramRSAKey},
	}
	scoreboard = []protocolOption{
		{"username", (*parser).paramUser},
		{"password", (*parser).paramString},
		{"path", (*parser).paramPath},
		{"loglimit", (*parser).paramLimit},
		{"closelimit", (*parser).paramLimit},
		{"dnslimit", (*parser).paramLimit},
		{"keepalivelimit", (*parser).paramLimit},
		{"replylimit", (*parser).paramLimit},
		{"requestlimit", (*parser).paramLimit},
		{"startlimit", (*parser).paramLimit},
		{"waitlimit", (*parser).paramLimit},
		{"gracefullimit", (*parser).paramLimit},
		{"cleanuplimit", (*parser).paramLimit},
	}
)

// protocolRules are the protocols and their options.
var protocolRules = map[string][]protocolOption{
	"apache-status": scoreboard,
	"clamav":        nil, "default": nil, "dns": nil, "dwp": nil, "fail2ban": nil, "ftp": nil, "gps": nil,
	"http": httpOptions, "https": httpOptions,
	"imap": nil, "imaps": nil, "ldap2": nil, "ldap3": nil, "lmtp": nil, "memcache": nil, "mongodb": nil,
	"mqtt": userAndPassword, "mysql": mysqlOptions, "mysqls": mysqlOptions,
	"nntp": nil, "ntp3": nil,
	"pgsql": {
		{"username", (*parser).paramUser}, {"password", (*parser).paramString}, {"database", (*parser).paramString},
	},
	"pop": nil, "pops": nil, "postfix-policy": nil,
	"radius": {{"secret", (*parser).paramString}},
	"rdate":  nil, "redis": nil, "rsync": nil, "sieve": nil,
	"sip":  {{"target", (*parser).paramUser}, {"maxforward", (*parser).paramNumber}},
	"smtp": userAndPassword, "smtps": userAndPassword,
	"spamassassin": nil, "ssh": nil, "tns": nil,
	"websocket": {
		{"host", (*parser).paramString},
		{"request", (*parser).paramPath},
		{"origin", (*parser).paramString},
		{"version", (*parser).paramNumber},
	},
}

// mustHaveOptions are the protocols of which at least one option has to be written.
var mustHaveOptions = map[string]bool{"apache-status": true, "websocket": true}

var protocolNames = keys(protocolRules)

// protocol reads the name of a protocol and its options.
func (p *parser) protocol(start diag.Span) *Protocol {
	rules, ok := protocolRules[p.tok.name]
	if !ok || p.tok.kind != tokKeyword {
		p.unexpected("the name of a protocol", protocolNames...)
		return nil
	}
	proto := &Protocol{Name: p.tok.name}
	p.next()
	for p.protocolOption(proto, rules) {
	}
	if len(proto.Params) == 0 && mustHaveOptions[proto.Name] {
		var words []string
		for _, rule := range rules {
			words = append(words, rule.word)
		}
		p.unexpected("an option of "+proto.Name+": "+alternatives(words), words...)
	}
	proto.Node = p.from(start)
	return proto
}

// protocolOption reads an option of a protocol if one is next.
func (p *parser) protocolOption(proto *Protocol, rules []protocolOption) bool {
	if p.failed {
		return false
	}
	if p.at("http headers") && (proto.Name == "http" || proto.Name == "https") {
		proto.Params = append(proto.Params, p.headers()...)
		return true
	}
	for _, rule := range rules {
		if !p.tok.is(rule.word) {
			continue
		}
		param := Param{Node: Node{p.here()}, Name: rule.word}
		p.next()
		rule.rule(p, &param)
		param.Node = p.from(param.Span)
		proto.Params = append(proto.Params, param)
		return true
	}
	return false
}

func (p *parser) paramString(param *Param) { param.Value = p.str("the " + param.Name) }

func (p *parser) paramUser(param *Param) { param.Value = p.strOrMail("the " + param.Name) }

func (p *parser) paramPath(param *Param) { param.Value = p.path("the " + param.Name) }

func (p *parser) paramStringOrPath(param *Param) { param.Value = p.strOrPath("the " + param.Name) }

func (p *parser) paramNumber(param *Param) { param.Value = p.wholeWord() }

func (p *parser) wholeWord() Word {
	if p.tok.kind != tokNumber {
		p.unexpected("a whole number")
		return Word{}
	}
	return p.word()
}

func (p *parser) paramStatus(param *Param) {
	param.Op = p.operator()
	param.Value = p.wholeWord()
}

func (p *parser) paramLimit(param *Param) {
	param.Op = p.operator()
	param.Value = p.wholeWord()
	p.mustUnit("percent")
}

func (p *parser) paramMethod(param *Param) {
	param.Value = Word{Node{p.here()}, p.tok.name, Bare}
	p.oneOf("get", "head")
}

func (p *parser) paramRSAKey(param *Param) {
	p.expect("checksum")
	if p.at("md5", "sha1", "sha256") {
		param.Hash = p.oneOf("md5", "sha1", "sha256")
	}
	p.accept("=")
	param.Value = p.str("a digest")
}

package monit

import (
	"bytes"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// setMailServer reads servers and, at the end, what concerns all of them.
func (p *parser) setMailServer(s SetMailServer) Stmt {
	s.Servers = append(s.Servers, p.mailServer())
	for !p.failed && p.tok.isString() {
		s.Servers = append(s.Servers, p.mailServer())
	}
	if p.accept("timeout") {
		s.Timeout = p.seconds("the timeout")
	}
	if p.accept("hostname") {
		s.Hostname = p.str("a host name")
	}
	s.Node = p.from(s.Span)
	return &s
}

func (p *parser) mailServer() MailServer {
	start := p.here()
	m := MailServer{Host: p.str("the name of a mail server")}
	if p.accept("port") {
		m.Port = p.integer("a port")
	}
	for !p.failed {
		if tls, ok := p.tlsOption(m.TLS, tlsServer); ok {
			m.TLS = tls
			continue
		}
		if p.accept("username") {
			m.Username = p.strOrMail("a user name")
		} else if p.accept("password") {
			m.Password = p.str("a password")
		} else {
			break
		}
	}
	m.Node = p.from(start)
	return m
}

// recipient reads what stands behind "alert": the address, then filter, format and reminder in this order.
func (p *parser) recipient(start diag.Span) Alert {
	a := Alert{Address: p.mail()}
	if p.at("not", "{") {
		a.Filter = p.filter()
	}
	if at := p.here(); p.accept("mail-format") {
		a.Format = p.mailFormat(at)
	}
	if p.accept("reminder") {
		a.Reminder = p.integer("how many cycles")
		p.accept("cycle")
	}
	a.Node = p.from(start)
	return a
}

// mail reads a mail address.
func (p *parser) mail() Word {
	if p.tok.kind != tokMail {
		p.unexpected("a mail address such as ops@example.com, without quotes")
		return Word{}
	}
	return p.word()
}

// topics are the event names of filters by canonical keyword.
var topics = map[string]model.Topic{
	"action": model.TopicAction, "bytein": model.TopicByteIn, "byteout": model.TopicByteOut,
	"checksum": model.TopicChecksum, "connection": model.TopicConnection, "content": model.TopicContent,
	"data": model.TopicData, "exec": model.TopicExec, "exist": model.TopicExist, "fsflags": model.TopicFSFlags,
	"gid": model.TopicGID, "icmp": model.TopicICMP, "instance": model.TopicInstance, "invalid": model.TopicInvalid,
	"link": model.TopicLink, "nonexist": model.TopicNonexist, "packetin": model.TopicPacketIn,
	"packetout": model.TopicPacketOut, "permission": model.TopicPermission, "pid": model.TopicPID,
	"ppid": model.TopicPPID, "resource": model.TopicResource, "saturation": model.TopicSaturation,
	"size": model.TopicSize, "speed": model.TopicSpeed, "status": model.TopicStatus, "time": model.TopicTimestamp,
	"timeout": model.TopicTimeout, "uid": model.TopicUID, "uptime": model.TopicUptime,
}

// filter reads a list of events in braces, with "not" in front of it or without.
func (p *parser) filter() Filter {
	f := Filter{Node: Node{p.here()}, Not: p.accept("not")}
	p.expect("{")
	for !p.failed && !(p.at("}") && len(f.Topics) > 0) {
		topic, ok := topics[p.tok.name]
		if !ok || p.tok.kind != tokKeyword {
			p.unexpected("the name of an event", eventWords...)
			break
		}
		f.Topics = append(f.Topics, TopicWord{Node{p.here()}, topic})
		p.next()
	}
	p.expect("}")
	f.Node = p.from(f.Span)
	return f
}

var eventWords = []string{
	"action", "bytein", "byteout", "checksum", "connection", "content", "data", "exec", "exist", "fsflags", "gid",
	"icmp", "instance", "invalid", "link", "nonexist", "packetin", "packetout", "permission", "pid", "ppid", "resource",
	"saturation", "size", "speed", "status", "timestamp", "timeout", "uid", "uptime",
}

// mailFormat reads the block behind "mail-format". Its options hold plain text, not tokens.
func (p *parser) mailFormat(start diag.Span) MailFormat {
	var f MailFormat
	if !p.at("{") {
		p.unexpected("a block in { }", "{")
		return f
	}
	for {
		t, name, ok := p.lx.formatOption()
		if !ok {
			break
		}
		p.last = t.span()
		text := Word{Node{t.span()}, strings.TrimSpace(string(t.bytes())), Bare}
		switch name {
		case "from":
			f.From = p.address(text)
		case "reply-to":
			f.ReplyTo = p.address(text)
		case "subject":
			f.Subject = text
		case "message":
			f.Message = text
		}
		f.Node = p.from(start)
	}
	p.next()
	if !f.Given() {
		p.unexpected(`"from:", "reply-to:", "subject:" or "message:"`, "from:", "reply-to:", "subject:", "message:")
	}
	p.expect("}")
	f.Node = p.from(start)
	return f
}

// formatOption reads an option of a mail format if one is next: its name, and its text up to the end of the line,
// of a message up to the closing brace.
func (lx *lexer) formatOption() (token, string, bool) {
	r := &lx.open[len(lx.open)-1]
	text := r.src.Text
	i := skipNoise(text, r.pos)
	for _, name := range []string{"from", "reply-to", "subject", "message"} {
		colon := i + len(name)
		if !hasWord(text, i, name) || colon >= len(text) || text[colon] != ':' {
			continue
		}
		end := lineEnd(text, colon)
		if name == "message" {
			end = len(text)
		}
		if n := bytes.IndexByte(text[colon:end], '}'); n >= 0 {
			end = colon + n
		}
		r.pos = skip(text, colon+1, " \t")
		return r.token(tokWord, "", max(end, r.pos)), name, true
	}
	return token{}, "", false
}

// skipNoise is the offset of the first byte from i on that means something in ordinary context.
func skipNoise(text []byte, i int) int {
	for i < len(text) {
		switch {
		case is(text[i], isBlank):
			i++
		case text[i] == '#':
			i = lineEnd(text, i)
		default:
			end := run(text, i, inWord)
			if k, _ := lookup(text[i:end]); !k.noise {
				return i
			}
			i = end
		}
	}
	return i
}

// lineEnd is the offset of the newline that ends the line of i.
func lineEnd(text []byte, i int) int {
	if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(text)
}

// address takes apart "Name <user@host>". Like Monit it is content with a lone word instead of user@host.
func (p *parser) address(w Word) Address {
	a := Address{Node: w.Node, Mail: w.Text}
	if open, end := strings.IndexByte(w.Text, '<'), strings.LastIndexByte(w.Text, '>'); open >= 0 {
		if end < open {
			end = len(w.Text)
		}
		a.Name = strings.Trim(w.Text[:open], "\"' ")
		a.Mail = strings.TrimSpace(w.Text[open+1 : end])
	}
	raw := w.Span.Text()
	switch {
	case strings.ContainsAny(raw, "\t\r{"):
		p.badAddress(w, "neither a tab nor a carriage return nor a brace can follow an address")
	case a.Mail == "" || !strings.Contains(raw, "@") && !strings.Contains(raw, "<") && strings.ContainsAny(raw, " ,()"):
		p.badAddress(w, "write user@host or Name <user@host>, on the line of the option")
	}
	return a
}

func (p *parser) badAddress(w Word, hint string) {
	p.diags.Error(w.Span, "monit/mail-address", "%q is not a mail address", w.Text).Hinted("%s", hint)
	p.errors++
}

package monit

import "bytes"

// headers reads the list behind "http headers".
func (p *parser) headers() []Param {
	var params []Param
	p.list("a header such as Name: value", func(r *reader) bool {
		start := r.pos
		name, ok := r.item(":")
		if !ok || r.pos >= len(r.src.Text) || r.src.Text[r.pos] != ':' {
			return false
		}
		r.pos = skip(r.src.Text, r.pos+1, " \t")
		value, ok := r.item("")
		if !ok {
			return false
		}
		t := token{kind: tokWord, src: r.src, start: start, end: value.end}
		text := p.value(name).Text + ": " + p.value(value).Text
		params = append(params, Param{Node: Node{t.span()}, Name: "header", Value: Word{Node{t.span()}, text, Bare}})
		return true
	})
	return params
}

// hostGroups reads the list behind "hostgroups".
func (p *parser) hostGroups() []Word {
	var groups []Word
	p.list("the name of a group", func(r *reader) bool {
		t, ok := r.item("")
		if ok {
			groups = append(groups, p.value(t))
		}
		return ok
	})
	return groups
}

// list reads items between brackets, which commas separate. The items are no tokens: item reads one from the text
// and tells whether there was one. The next token is the keyword in front of the list.
func (p *parser) list(want string, item func(*reader) bool) {
	r := &p.lx.open[len(p.lx.open)-1]
	text := r.src.Text
	r.pos = skip(text, r.pos, " \t\r\n")
	if r.pos >= len(text) || text[r.pos] != '[' {
		p.next()
		p.unexpected("a list in [ ]", "[")
		return
	}
	r.pos++
	for {
		r.pos = skip(text, r.pos, ", \t\r\n")
		if r.pos < len(text) && text[r.pos] == ']' {
			break
		}
		if at := r.pos; !item(r) {
			r.pos = at
			p.next()
			p.unexpected(want + `, or "]"`)
			return
		}
	}
	last := r.token(tokChar, "]", r.pos+1).span()
	p.next()
	p.last = last
}

// item reads an item of a list: quoted text, or what comes before a comma, a closing bracket or a byte of stop.
func (r *reader) item(stop string) (token, bool) {
	text := r.src.Text
	if r.pos < len(text) && (text[r.pos] == '"' || text[r.pos] == '\'') {
		if n := bytes.IndexByte(text[r.pos+1:], text[r.pos]); n >= 0 {
			t := r.token(tokQuoted, "", r.pos+n+2)
			r.pos = skip(text, r.pos, " \t")
			return t, true
		}
		return token{}, false
	}
	n := bytes.IndexAny(text[r.pos:], ",]"+stop)
	if n < 0 {
		return token{}, false
	}
	next := r.pos + n
	end := r.pos + len(bytes.TrimRight(text[r.pos:next], " \t\r\n"))
	if end == r.pos {
		return token{}, false
	}
	t := r.token(tokWord, "", end)
	r.pos = next
	return t, true
}

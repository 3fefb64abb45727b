package native

import (
	"strings"

	"orderly/internal/config/monit"
	"orderly/internal/model"
)

var httpdFields = []field[monit.SetHTTPD]{
	{"port", func(d *decoder, it item, h *monit.SetHTTPD) {
		h.Port = monit.Num{Node: d.node(it), Value: float64(d.number(it, 1, maxPort))}
	}},
	{"address", func(d *decoder, it item, h *monit.SetHTTPD) {
		if w, ok := d.word(it); ok {
			h.Addresses = []monit.Word{w}
		}
	}},
	{"read only", func(d *decoder, it item, h *monit.SetHTTPD) { h.ReadOnly = d.boolean(it) }},
	{"hide version", func(d *decoder, it item, h *monit.SetHTTPD) { h.Signature = !d.boolean(it) }},
	{"tls", func(d *decoder, it item, h *monit.SetHTTPD) { h.TLS = d.serverTLS(it) }},
	{"socket", func(d *decoder, it item, h *monit.SetHTTPD) {
		if isMapping(it) {
			readMap(d, it, "a socket", socketFields, h)
		} else {
			h.Socket = d.path(it)
		}
	}},
	{"allow", func(d *decoder, it item, h *monit.SetHTTPD) {
		for _, each := range d.list(it) {
			if a, ok := d.admission(each); ok {
				h.Allow = append(h.Allow, a)
			}
		}
	}},
}

var socketFields = []field[monit.SetHTTPD]{
	{"path", func(d *decoder, it item, h *monit.SetHTTPD) { h.Socket = d.path(it) }},
	{"user", func(d *decoder, it item, h *monit.SetHTTPD) { h.SocketUID, _ = d.word(it) }},
	{"group", func(d *decoder, it item, h *monit.SetHTTPD) { h.SocketGID, _ = d.word(it) }},
	{"mode", func(d *decoder, it item, h *monit.SetHTTPD) { h.SocketMode, _ = d.word(it) }},
	{"read only", func(d *decoder, it item, h *monit.SetHTTPD) { h.SocketReadOnly = d.boolean(it) }},
}

// httpd reads the web interface.
func (d *decoder) httpd(it item) *monit.SetHTTPD {
	h := &monit.SetHTTPD{Node: monit.Node{Span: d.span(it.key)}, Signature: true}
	readMap(d, it, "httpd", httpdFields, h)
	return h
}

// serverTLS reads how the web interface speaks TLS. A certificate without a key holds it.
func (d *decoder) serverTLS(it item) monit.TLS {
	r := &tlsReader{}
	readMap(d, it, "tls", serverTLSFields, r)
	at := map[monit.TLSName]int{}
	for i, o := range r.options {
		at[o.Name] = i
	}
	chain, certified := at[monit.TLSPEMChain]
	_, keyed := at[monit.TLSPEMKey]
	switch {
	case !certified:
		d.errorf(d.span(it.key), "missing", "%s needs a certificate", d.subject(it)).
			Hinted("add: certificate: /path/of/certificate-and-key.pem")
		return nil
	case !keyed:
		r.options[chain].Name = monit.TLSPEMFile
	}
	return r.options
}

var serverTLSFields = []field[tlsReader]{
	tlsText("certificate", monit.TLSPEMChain),
	tlsText("key", monit.TLSPEMKey),
	tlsText("client certificates", monit.TLSClientPEM),
	tlsField("allow self-signed"),
	tlsField("versions"),
	tlsField("ciphers"),
}

// An admission is one of those who are let in, under construction.
type admission struct {
	monit.Allow
	named    int // keys that say who
	password bool
}

var admissionFields = []field[admission]{
	{"host", admit(monit.AllowHost)},
	{"user", admit(monit.AllowUser)},
	{"file", admit(monit.AllowFile)},
	{"group", admit(monit.AllowPAM)},
	{"password", func(d *decoder, it item, a *admission) { a.Password, a.password = d.password(it), true }},
	{"hash", func(d *decoder, it item, a *admission) { a.Hash = d.choice(it, "cleartext", "md5", "crypt") }},
	{"users", func(d *decoder, it item, a *admission) { a.Users = d.words(it) }},
	{"read only", func(d *decoder, it item, a *admission) { a.ReadOnly = d.boolean(it) }},
}

func admit(kind monit.AllowKind) func(*decoder, item, *admission) {
	return func(d *decoder, it item, a *admission) {
		a.named++
		a.Kind = kind
		if kind == monit.AllowFile {
			a.Name = d.path(it)
		} else {
			a.Name, _ = d.word(it)
		}
	}
}

// admission reads who is let in. A text alone is a host or a network.
func (d *decoder) admission(it item) (monit.Allow, bool) {
	a := admission{Allow: monit.Allow{Node: d.node(it), Kind: monit.AllowHost}}
	if !isMapping(it) {
		name, ok := d.word(it)
		a.Name = name
		return a.Allow, ok
	}
	items := readMap(d, it, "an admission", admissionFields, &a)
	var problem, hint string
	switch {
	case a.named != 1:
		problem, hint = "an admission is either for a user, a file, a group or a host", "for several, write several"
	case a.Kind == monit.AllowUser && !a.password:
		problem, hint = "a user needs a password", "add: password: ..."
	case a.Kind != monit.AllowUser && a.password:
		problem, hint = "only a user has a password", "a password file is named with: file"
	case a.Kind != monit.AllowFile && (has(items, "hash") || has(items, "users")):
		problem, hint = `only a file has "hash" and "users"`, "a password file is named with: file"
	default:
		return a.Allow, a.Name.Given()
	}
	d.errorf(a.Span, "exclusive", "%s", problem).Hinted("%s", hint)
	return a.Allow, false
}

// password reads a text that may be empty.
func (d *decoder) password(it item) monit.Word {
	if n := follow(it.value); n.Tag == "!!str" && n.Value == "" {
		return monit.Word{Node: d.node(it)}
	}
	w, _ := d.word(it)
	return w
}

// path reads an absolute path; no word after an error.
func (d *decoder) path(it item) monit.Word {
	w, ok := d.word(it)
	if ok && !strings.HasPrefix(w.Text, "/") {
		d.errorf(w.Span, "path", "%q is no absolute path", cut(w.Text)).Hinted("a path begins with a slash")
		return monit.Word{}
	}
	return w
}

func (d *decoder) node(it item) monit.Node { return monit.Node{Span: d.span(follow(it.value))} }

// httpdNode writes the web interface.
func (e *encoder) httpdNode(h *model.HTTPD) *node {
	n := newMap()
	if h.Port > 0 {
		n.add("port", newInt(h.Port))
	}
	n.text("address", h.Address)
	n.flag("read only", h.ReadOnly)
	n.flag("hide version", h.Anonymous)
	if h.TLS != nil {
		n.add("tls", e.serverTLSNode(h.TLS))
	}
	if h.Socket != nil {
		n.add("socket", socketNode(h.Socket))
	}
	var allow []*node
	for _, a := range h.Allow {
		allow = append(allow, admissionNode(a))
	}
	if allow != nil {
		n.add("allow", newList(false, allow...))
	}
	return n
}

func (e *encoder) serverTLSNode(t *model.ServerTLS) *node {
	n := newMap()
	n.text("certificate", t.Certificate)
	if t.Key != t.Certificate {
		n.text("key", t.Key)
	}
	n.text("client certificates", t.ClientPEM)
	n.flag("allow self-signed", t.SelfSigned)
	inherited := e.defaultTLS()
	rest := tlsNode(&model.TLS{Versions: t.Versions, Ciphers: t.Ciphers}, &model.TLS{Versions: inherited.Versions, Ciphers: inherited.Ciphers})
	n.Content = append(n.Content, rest.Content...)
	return n
}

func socketNode(s *model.HTTPSocket) *node {
	if *s == (model.HTTPSocket{Path: s.Path}) {
		return newText(s.Path)
	}
	n := newMap()
	n.text("path", s.Path)
	n.text("user", s.User)
	n.text("group", s.Group)
	if s.Mode != 0 {
		n.add("mode", newText(formatMode(s.Mode)))
	}
	n.flag("read only", s.ReadOnly)
	return n
}

func admissionNode(a model.Admission) *node {
	n := newMap()
	switch a.Kind {
	case model.AdmitHost:
		return newText(a.Name)
	case model.AdmitUser:
		n.add("user", newText(a.Name))
		n.add("password", newText(a.Password))
	case model.AdmitFile:
		n.text("file", a.Name)
		if a.Hash != "cleartext" {
			n.text("hash", a.Hash)
		}
		if a.Users != nil {
			n.add("users", newTexts(a.Users))
		}
	case model.AdmitGroup:
		n.text("group", a.Name)
	}
	n.flag("read only", a.ReadOnly)
	return n
}

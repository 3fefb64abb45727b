package monit

import (
	"cmp"
	"strings"

	"orderly/internal/model"
)

// setHTTPD adds to what earlier statements say of the web interface. Of what can be there only once, the last one counts.
func (c *compiler) setHTTPD(s *SetHTTPD) {
	settings := &c.made.Config.Settings
	if settings.HTTPD == nil {
		settings.HTTPD = &model.HTTPD{}
	}
	h := settings.HTTPD
	if s.Port.Given() {
		h.Port, h.ReadOnly = c.httpdPort(s.Port), s.ReadOnly
	}
	for i, a := range s.Addresses {
		h.Address = a.Text
		if i > 0 {
			c.overridden(s.Addresses[i-1].Pos(), a.Pos(), "address")
		}
	}
	if t := c.serverTLS(s); t != nil {
		h.TLS = t
	}
	if s.Socket.Given() {
		h.Socket = c.httpdSocket(s)
	}
	h.Anonymous = h.Anonymous || !s.Signature
	for _, a := range s.Allow {
		if made, ok := c.admission(a); ok {
			h.Allow = append(h.Allow, made)
		}
	}
	c.httpd = s
}

// maxPort is the highest port there is.
const maxPort = 65535

func (c *compiler) httpdPort(port Num) int {
	if v := port.Int(); v >= 1 && v <= maxPort {
		return v
	}
	c.warnf(port.Pos(), "port", "there is no such port: the web interface has none").Hinted("ports are numbers between 1 and %d", maxPort)
	return 0
}

func (c *compiler) httpdSocket(s *SetHTTPD) *model.HTTPSocket {
	made := &model.HTTPSocket{Path: s.Socket.Text, User: s.SocketUID.Text, Group: s.SocketGID.Text, ReadOnly: s.SocketReadOnly}
	c.user(s.SocketUID, "user")
	c.user(s.SocketGID, "group")
	if s.SocketMode.Given() {
		made.Mode, _ = c.octal(s.SocketMode)
	}
	return made
}

// closedHTTPD warns of a web interface that will not open.
func (c *compiler) closedHTTPD() {
	h := c.made.Config.Settings.HTTPD
	switch {
	case h == nil || c.damaged:
	case h.Port == 0 && h.Socket == nil:
		c.warnf(c.httpd.Pos(), "httpd-closed", "the web interface has neither a port nor a unix socket, so it stays closed").
			Hinted("give it one, such as port 2812")
	case len(h.Allow) == 0 && (h.TLS == nil || h.TLS.ClientPEM == ""):
		c.warnf(c.httpd.Pos(), "httpd-closed", "the web interface lets nobody in, so it stays closed").
			Hinted("allow a user or a host, such as localhost")
	}
}

// serverTLS says how the server speaks TLS; nil when it does not, or cannot. Of the defaults that hold for every
// connection only versions and ciphers are meant for servers as well.
func (c *compiler) serverTLS(s *SetHTTPD) *model.ServerTLS {
	c.checkTLS(s.TLS)
	given, on := map[TLSName]TLSOption{}, false
	for _, o := range s.TLS {
		given[o.Name] = o
		on = on || o.Name != TLSCiphers && o.Name != TLSAllowSelf
	}
	if !on || !c.serverKey(s, given) {
		return nil
	}
	common, own := &model.TLS{}, &model.TLS{}
	c.applyTLS(common, c.tls)
	c.applyTLS(own, s.TLS)
	_, old := given[TLSAllowSelf]
	bundle := given[TLSPEMFile].Value.Text
	made := &model.ServerTLS{
		Certificate: cmp.Or(bundle, given[TLSPEMChain].Value.Text), Key: cmp.Or(bundle, given[TLSPEMKey].Value.Text),
		ClientPEM: given[TLSClientPEM].Value.Text, SelfSigned: given[TLSSelfSigned].On || old,
		Versions: common.Versions, Ciphers: cmp.Or(own.Ciphers, common.Ciphers),
	}
	if _, written := given[TLSVersion]; written {
		made.Versions = own.Versions
	}
	return made
}

// serverKey wants a key of a server that speaks TLS, and that nobody else can use it.
func (c *compiler) serverKey(s *SetHTTPD, given map[TLSName]TLSOption) (usable bool) {
	bundle, bundled := given[TLSPEMFile]
	for _, part := range []TLSName{TLSPEMChain, TLSPEMKey} {
		if o, both := given[part]; both && bundled {
			c.errorf(o.Pos(), "tls-exclusive", "%s cannot be used together with pemfile", part).Relate(bundle.Pos(), "pemfile is given here")
		}
	}
	_, hasKey := given[TLSPEMKey]
	_, hasChain := given[TLSPEMChain]
	switch {
	case !bundled && !hasKey && !hasChain:
		c.errorf(s.Pos(), "httpd-key", "a server that speaks TLS needs a certificate and its key").
			Hinted("add to the ssl options: pemfile: /path/of/certificate-and-key.pem")
		return false
	case !bundled && !(hasKey && hasChain):
		c.errorf(s.Pos(), "httpd-key", "pemchain and pemkey are needed both")
		return false
	}
	key := bundle.Value
	if !bundled {
		key = given[TLSPEMKey].Value
	}
	info, err := c.env.Stat(key.Text)
	if err != nil {
		return false // reported with the other files
	}
	if info.UID != c.env.EUID {
		c.errorf(key.Pos(), "httpd-key", "the key %s belongs to user %d, not to user %d that orderly runs as", quoted(key.Text), info.UID, c.env.EUID)
	}
	switch mode := info.Mode.Perm(); {
	case mode&^0o750 != 0:
		c.errorf(key.Pos(), "httpd-key", "the key %s has mode %04o, at most 0750 is allowed", quoted(key.Text), mode)
	case mode&^0o700 != 0:
		c.warnf(key.Pos(), "httpd-key", "the key %s has mode %04o: the web interface stays closed while its group may use it", quoted(key.Text), mode).
			Hinted("chmod 0600 %s", key.Text)
	}
	return true
}

// admission is somebody who is let in. It is not ok where an earlier statement was about the same user.
func (c *compiler) admission(a Allow) (made model.Admission, ok bool) {
	made = model.Admission{Name: a.Name.Text, ReadOnly: a.ReadOnly}
	switch a.Kind {
	case AllowHost:
		made.Kind = model.AdmitHost
	case AllowUser:
		if first, twice := c.users[strings.ToLower(a.Name.Text)]; twice {
			c.warnf(a.Pos(), "duplicate-user", "user %s was allowed before", quoted(a.Name.Text)).Relate(first.Pos(), "this one counts")
			return made, false
		}
		if c.users == nil {
			c.users = map[string]Allow{}
		}
		c.users[strings.ToLower(a.Name.Text)] = a
		if a.Password.Text == "" {
			c.warnf(a.Pos(), "empty-password", "user %s gets in without a password", quoted(a.Name.Text))
		}
		made.Kind, made.Password = model.AdmitUser, a.Password.Text
	case AllowFile:
		c.htpasswd(a)
		made.Kind, made.Hash, made.Users = model.AdmitFile, cmp.Or(a.Hash, "cleartext"), texts(a.Users)
	case AllowPAM:
		c.warnf(a.Pos(), "pam", "nobody of group %s gets in: orderly is one static program, which cannot ask PAM", quoted(a.Name.Text)).
			Hinted("allow every user with a password, or the users of a file that htpasswd made")
		made.Kind = model.AdmitGroup
	}
	return made, true
}

// htpasswd reads a password file to see whether it can be used.
func (c *compiler) htpasswd(a Allow) {
	path := a.Name
	if info, err := c.env.Stat(path.Text); err == nil && !info.Mode.IsRegular() {
		c.errorf(path.Pos(), "htpasswd", "cannot use the password file %s: not a regular file", quoted(path.Text))
		return
	}
	text, err := c.env.ReadFile(path.Text)
	if err != nil {
		c.errorf(path.Pos(), "htpasswd", "cannot use the password file %s: %v", quoted(path.Text), err)
		return
	}
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(line, ":"); ok && name != "" {
			return
		}
	}
	c.warnf(path.Pos(), "htpasswd", "the password file %s names no user", quoted(path.Text))
}

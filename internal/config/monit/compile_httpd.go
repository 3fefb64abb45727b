package monit

import "strings"

// setHTTPD checks what Monit checks. The server itself is not started from a control file yet.
func (c *compiler) setHTTPD(s *SetHTTPD) {
	c.tlsFiles(s.TLS)
	c.serverKey(s)
	c.socketOwner(s)
	users := map[string]Allow{}
	for _, a := range s.Allow {
		switch a.Kind {
		case AllowUser:
			if first, twice := users[a.Name.Text]; twice {
				c.warnf(a.Pos(), "duplicate-user", "user %s was allowed before", quoted(a.Name.Text)).Relate(first.Pos(), "this one counts")
				continue
			}
			users[a.Name.Text] = a
		case AllowFile:
			c.htpasswd(a)
		}
	}
	for i := 1; i < len(s.Addresses); i++ {
		c.overridden(s.Addresses[i-1].Pos(), s.Addresses[i].Pos(), "address")
	}
	c.notYet(s.Pos(), "set httpd", "orderly listens where --listen says; see orderly help run")
}

// serverKey wants a key wherever the server shall speak TLS.
func (c *compiler) serverKey(s *SetHTTPD) {
	files, on := map[TLSName]Word{}, false
	for _, o := range s.TLS {
		files[o.Name] = o.Value
		on = on || o.Name != TLSCiphers && o.Name != TLSAllowSelf
	}
	key, bundled := files[TLSPEMFile]
	separate, hasKey := files[TLSPEMKey]
	_, hasChain := files[TLSPEMChain]
	switch {
	case !on:
		return
	case !bundled && !hasKey && !hasChain:
		c.errorf(s.Pos(), "httpd-key", "a server that speaks TLS needs a certificate and its key").
			Hinted("add to the ssl options: pemfile: /path/of/certificate-and-key.pem")
		return
	case !bundled && !(hasKey && hasChain):
		c.errorf(s.Pos(), "httpd-key", "pemchain and pemkey are needed both")
		return
	case !bundled:
		key = separate
	}
	info, err := c.env.Stat(key.Text)
	if err != nil {
		return // reported with the other files
	}
	if info.UID != c.env.EUID {
		c.errorf(key.Pos(), "httpd-key", "the key %s belongs to user %d, not to user %d that orderly runs as", quoted(key.Text), info.UID, c.env.EUID)
	}
	if extra := info.Mode.Perm() &^ 0o750; extra != 0 {
		c.errorf(key.Pos(), "httpd-key", "the key %s has mode %04o, at most 0750 is allowed", quoted(key.Text), info.Mode.Perm())
	}
}

func (c *compiler) socketOwner(s *SetHTTPD) {
	c.user(s.SocketUID, "user")
	c.user(s.SocketGID, "group")
	if s.SocketMode.Given() {
		c.octal(Word{Node: s.SocketMode.Node, Text: s.SocketMode.Pos().Text()})
	}
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

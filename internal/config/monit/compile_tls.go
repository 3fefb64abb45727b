package monit

import (
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// tlsOf is what the options of one statement mean on top of "set ssl"; nil when they do not switch TLS on.
// An empty block and one with nothing but ciphers do not. With always set, TLS is on whatever was written.
func (c *compiler) tlsOf(options TLS, always bool) *model.TLS {
	c.checkTLS(options)
	if !always && !options.on() {
		return nil
	}
	t := &model.TLS{}
	c.applyTLS(t, c.tls)
	c.applyTLS(t, options)
	return t
}

// on tells whether the options switch TLS on.
func (options TLS) on() bool {
	return slices.ContainsFunc(options, func(o TLSOption) bool { return o.Name != TLSCiphers })
}

func (c *compiler) applyTLS(t *model.TLS, options TLS) {
	for _, o := range options {
		switch o.Name {
		case TLSVerify:
			t.Verify = o.On
		case TLSSelfSigned:
			t.SelfSigned = o.On
		case TLSVersion:
			t.Versions = versions(o)
		case TLSCiphers:
			t.Ciphers = o.Value.Text
		case TLSClientPEM, TLSPEMFile:
			t.ClientPEM = o.Value.Text
		case TLSCAFile:
			t.CAFile = o.Value.Text
		case TLSCAPath:
			t.CAPath = o.Value.Text
		case TLSChecksum, TLSCertMD5:
			t.Checksum, t.ChecksumType = c.digest(o.Value, o.Hash, "certificate")
		}
	}
}

// versionNames maps the words of control files to those of the model; auto stands for the default.
var versionNames = map[string]string{"tlsv1": "tlsv1.0", "tlsv11": "tlsv1.1", "tlsv12": "tlsv1.2", "tlsv13": "tlsv1.3"}

// versions adds up what was listed. A version with a minus takes itself away from those before it.
func versions(o TLSOption) []string {
	listed := map[string]bool{}
	for _, w := range o.Values {
		word, minus := strings.CutPrefix(w.Text, "-")
		if word == "sslv2" || word == "sslv3" {
			continue // reported, unless it is to be left out
		}
		listed[versionNames[word]] = !minus
	}
	var out []string
	for _, v := range []string{"tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"} {
		if listed[v] {
			out = append(out, v)
		}
	}
	return out
}

// checkTLS looks at the options of one statement: that its files are there and none is given twice, and that the
// versions can be spoken.
func (c *compiler) checkTLS(options TLS) {
	seen := map[TLSName]diag.Span{}
	for _, o := range options {
		switch o.Name {
		case TLSVersion:
			for _, w := range o.Values {
				if w.Text == "sslv2" || w.Text == "sslv3" {
					c.errorf(w.Pos(), "tls-version", "%s cannot be used: it is broken", quoted(w.Text)).Hinted("write: version: auto")
				}
			}
			continue
		case TLSPEMFile, TLSPEMChain, TLSPEMKey, TLSClientPEM, TLSCAFile:
			c.regularFile(o.Value, string(o.Name))
		case TLSCAPath:
			if info, err := c.env.Stat(o.Value.Text); err != nil {
				c.errorf(o.Value.Pos(), "tls-file", "cannot use %s %s: %v", o.Name, quoted(o.Value.Text), err)
			} else if !info.Mode.IsDir() {
				c.errorf(o.Value.Pos(), "tls-file", "cannot use %s %s: not a directory", o.Name, quoted(o.Value.Text))
			}
		default:
			continue
		}
		if first, twice := seen[o.Name]; twice {
			c.errorf(o.Pos(), "tls-duplicate", "%s is given twice", o.Name).Relate(first, "first given here")
		}
		seen[o.Name] = o.Pos()
	}
}

func (c *compiler) regularFile(path Word, what string) {
	info, err := c.env.Stat(path.Text)
	if err == nil && !info.Mode.IsRegular() {
		c.errorf(path.Pos(), "tls-file", "cannot use %s %s: not a regular file", what, quoted(path.Text))
		return
	}
	if err == nil {
		_, err = c.env.ReadFile(path.Text)
	}
	if err != nil {
		c.errorf(path.Pos(), "tls-file", "cannot use %s %s: %v", what, quoted(path.Text), err)
	}
}

// days finds the least validity of a certificate that a statement wants.
func (options TLS) days() (TLSOption, bool) {
	for i := len(options) - 1; i >= 0; i-- {
		if options[i].Name == TLSDays {
			return options[i], true
		}
	}
	return TLSOption{}, false
}

// digests are the kinds of digest, by their length in hexadecimal digits.
var digests = map[int]string{32: "md5", 40: "sha1", 64: "sha256"}

// digest cleans a checksum as written: separators go, letters become small. Its length tells its kind, which must be
// the one that was named, if any.
func (c *compiler) digest(w Word, named, of string) (sum, kind string) {
	sum = strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdef", r) {
			return r
		}
		return -1
	}, strings.ToLower(w.Text))
	kind = digests[len(sum)]
	switch {
	case kind == "":
		c.errorf(w.Pos(), "checksum", "%s is no checksum: it has %d hexadecimal digits", quoted(w.Text), len(sum)).
			Hinted("an MD5 checksum of the %s has 32 digits, SHA-1 40 and SHA-256 64", of)
	case named != "" && named != kind:
		c.errorf(w.Pos(), "checksum", "%s is no %s checksum: its length is that of %s", quoted(w.Text), named, kind)
	}
	return sum, kind
}

package host

import (
	"cmp"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// Bounds of looking for certificates.
const (
	maxCertificateFiles = 200     // of one directory and those in it
	maxCertificateFile  = 1 << 20 // bytes
	maxOfDirectory      = 10_000  // entries that are looked at
	maxHolder           = 100     // bytes of a name in a message
	maxComplaints       = 3       // files of a message
)

// A certificate is what is kept of the one in a file that ends first. Nothing else of the file is.
type certificate struct {
	holder     string // whom it is of
	begin, end time.Time
}

// Why a file has no certificate in it.
var (
	errEmpty = errors.New("the file is empty")
	errKey   = errors.New("there is a key in it and no certificate")
	errNone  = errors.New("there is no certificate in it")
	errForm  = errors.New("there is no certificate in it: it is neither PEM nor DER")
)

// endsFirst finds the certificate that ends first among those in the text of a file, PEM or DER. Errors say nothing of what else
// is in it, which may be a key.
func endsFirst(text []byte) (certificate, error) {
	if len(text) == 0 {
		return certificate{}, errEmpty
	}
	var all []certificate
	why := errForm
	for rest := text; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil && len(all) > 0:
			return earliest(all), nil
		case block == nil && why == errForm:
			if c, err := parse(text); err == nil {
				return c, nil
			}
			return certificate{}, errForm
		case block == nil:
			return certificate{}, why
		case strings.HasSuffix(block.Type, "CERTIFICATE"): // also "TRUSTED CERTIFICATE", "X509 CERTIFICATE"
			c, err := parse(block.Bytes)
			if err != nil {
				return certificate{}, fmt.Errorf("the certificate with the number %d in it is damaged: %w", len(all)+1, err)
			}
			all = append(all, c)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			why = errKey
		case why == errForm:
			why = errNone
		}
	}
}

func earliest(all []certificate) certificate {
	return slices.MinFunc(all, func(a, b certificate) int { return a.end.Compare(b.end) })
}

// parse reads one certificate in DER. What OpenSSL adds to those that it trusts is passed over.
func parse(der []byte) (certificate, error) {
	var whole asn1.RawValue
	if _, err := asn1.Unmarshal(der, &whole); err != nil {
		return certificate{}, errors.New("it is not in DER")
	}
	c, err := x509.ParseCertificate(whole.FullBytes)
	if err != nil {
		return certificate{}, err
	}
	return certificate{holder(c), c.NotBefore, c.NotAfter}, nil
}

// holder names whom a certificate is of, in one word where there is one.
func holder(c *x509.Certificate) string {
	name := c.Subject.CommonName
	switch {
	case len(c.DNSNames) > 0 && !slices.Contains(c.DNSNames, name):
		name = c.DNSNames[0]
	case name == "" && len(c.IPAddresses) > 0:
		name = c.IPAddresses[0].String()
	case name == "" && len(c.EmailAddresses) > 0:
		name = c.EmailAddresses[0]
	}
	name = cmp.Or(name, c.Subject.String(), "nobody")
	return strings.Join(strings.Fields(model.Printable(name, maxHolder)), " ")
}

// isCertificate tells whether a file of a directory is one that certificates are looked for in.
func isCertificate(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".pem", ".crt", ".cer":
		return true
	}
	return false
}

// A collection is what was found in a file, or in the files of a directory.
type collection struct {
	first      certificate // that ends first
	file       string      // which it is in; "": there is none
	complaints []string    // what is wrong with files
}

func (c *collection) add(file string, found certificate) {
	if c.file == "" || found.end.Before(c.first.end) {
		c.first, c.file = found, file
	}
}

// complain notes what is wrong with a file or a directory.
func (c *collection) complain(path string, err error) {
	c.complaints = append(c.complaints, fmt.Sprintf("cannot look for certificates in %s: %v", path, err))
}

// result is the answer to whoever asks for the certificates of path at the time now.
func (c *collection) result(path string, now time.Time) model.Result {
	r := model.Result{OK: len(c.complaints) == 0, Summary: "the certificates in " + path + " can be read"}
	if c.file != "" {
		r.About = "certificate of " + c.first.holder + " in " + c.file
		r.Readings.AddValidity(c.first.begin, c.first.end, now)
	}
	if more := len(c.complaints) - maxComplaints; more > 0 {
		c.complaints = append(c.complaints[:maxComplaints], fmt.Sprintf("and %d more like that", more))
	}
	if !r.OK {
		r.Summary = strings.Join(c.complaints, "; ")
	}
	return r
}

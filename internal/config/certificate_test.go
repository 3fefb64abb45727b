package config

import (
	"bytes"
	"strings"
	"testing"
)

func TestCertificatesAreExplained(t *testing.T) {
	o, r := maintained(t, `
services:
  shop:
    host: localhost
    rules:
      - {if: failed port 443 protocol https, then: alert, certificate: auto}
      - {if: failed port 993 protocol imaps, then: alert, certificate: [30d, 36h]}
      - {if: failed port 995 protocol pops, then: alert, certificate: 7d}
  keys:
    directory: /etc/ssl
    rules:
      - {certificate: [21d, 2d], then: alert}
  pub:
    host: example.org
    rules:
      - {domain: auto, then: alert}
      - {domain: 60d, then: alert, rdap: "https://rdap.example.org/"}
`)
	if r.Diagnostics.HasErrors() {
		t.Fatal(r.Diagnostics)
	}
	var out bytes.Buffer
	if _, err := Explain(&out, o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"trouble when certificate.left < 30.0%\n",
		"worse with < 15.0%, < 5.0%; no worse than degraded before the last\n",
		"trouble when certificate < 30 days\n",
		"worse with < 1.5 days; no worse than degraded before the last\n",
		"trouble when certificate < 7 days\n",
		"trouble when the registry does not know it, tells no end, or has not answered for three days\n",
		"the registry of example.org, by RDAP, twice a day\n",
		"the registry of example.org at https://rdap.example.org/, by RDAP, twice a day\n",
		"trouble when registration < 30 days\n",
		"trouble when there is no certificate, or one that cannot be read\n",
		"trouble when certificate < 21 days\n",
		"worse with < 2 days; no worse than degraded before the last\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it is not explained: %s\n%s", want, out.String())
		}
	}
	if n := strings.Count(out.String(), "worse with"); n != 4 {
		t.Errorf("%d rules have steps, want 4:\n%s", n, out.String())
	}
}

package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxPart bounds the name of a probe, in bytes.
const maxPart = 120

// Parts names the probes of the service, in the order of Probes and no two alike: "port 80 protocol http". History and metrics
// go by these names.
func (s *Service) Parts() []string {
	probes := s.Probes()
	parts := make([]string, len(probes))
	for i, p := range probes {
		name := p.part(s.Subject.Address)
		parts[i] = name
		for n := 2; slices.Contains(parts[:i], parts[i]); n++ {
			parts[i] = fmt.Sprintf("%s (%d)", name, n)
		}
	}
	return parts
}

// part says what a probe asks, in words that stay the same while it asks the same. The host is left out where it is that of the
// service.
func (p *Probe) part(home string) string {
	words := []string{string(p.Kind)}
	switch p.Kind {
	case ProbePort:
		words = append(words, strconv.Itoa(p.Port))
	case ProbeSocket:
		words = append(words, p.Path)
	case ProbeContent:
		if p.Match != nil {
			words = append(words, p.Match.Patterns...)
		}
	}
	if p.Host != "" && p.Host != home && p.Host != "localhost" && p.Host != "127.0.0.1" {
		words = slices.Insert(words, 0, p.Host)
	}
	if p.UDP {
		words = append(words, "udp")
	}
	if p.TLS != nil {
		words = append(words, "tls")
	}
	if p.Protocol != "" {
		words = append(words, "protocol", p.Protocol)
	}
	if page, asked := p.Params.Find("request"); asked {
		path, _, _ := strings.Cut(page.Value, "?") // what follows may be a key
		words = append(words, path)
	}
	return Printable(strings.Join(strings.Fields(strings.Join(words, " ")), " "), maxPart)
}

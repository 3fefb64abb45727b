package model

import (
	"slices"
	"testing"
)

func TestParts(t *testing.T) {
	probes := []*Probe{
		{Kind: ProbePort, Host: "db1", Port: 3306, Protocol: "mysql", Params: Params{{Name: "password", Value: "geheim"}}},
		{Kind: ProbePort, Host: "other", Port: 53, UDP: true, Protocol: "dns"},
		{Kind: ProbePort, Host: "localhost", Port: 443, TLS: &TLS{}, Protocol: "http", Params: Params{{Name: "request", Value: "/health?key=geheim"}}},
		{Kind: ProbePort, Host: "localhost", Port: 443, TLS: &TLS{}, Protocol: "http", Params: Params{{Name: "request", Value: "/health?key=andere"}}},
		{Kind: ProbeSocket, Path: "/run/x.sock"},
		{Kind: ProbePing, Host: "db1", Count: 3},
		{Kind: ProbeContent, Match: &Match{Patterns: []string{"Out of\nmemory", "oops"}}},
	}
	s := Service{Subject: Subject{Address: "db1"}}
	for _, p := range probes {
		s.Rules = append(s.Rules, Rule{Probe: p}, Rule{Probe: p, Metric: Latency})
	}
	want := []string{
		"port 3306 protocol mysql", "other port 53 udp protocol dns", "port 443 tls protocol http /health",
		"port 443 tls protocol http /health (2)", "socket /run/x.sock", "ping", "content Out of memory oops",
	}
	if got := s.Parts(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

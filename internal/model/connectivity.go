package model

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Connectivity is by what it is known whether this host reaches others at all: where fewer than Need of the targets
// answer, its own network is down, and nobody else is to blame.
type Connectivity struct {
	Targets []Probe       // asked side by side; at least two
	Need    int           // 1 to the number of targets
	Every   time.Duration // between two looks; 0: Settings.Interval
}

// guardName is the name of the service that looks after the network of this host.
const guardName = "connectivity"

// guard makes the service that stands for the network of this host, unless there is one. It comes first.
func (c *Config) guard() {
	how := c.Settings.Connectivity
	if how == nil || c.Guard() != nil {
		return
	}
	name := guardName
	for c.Find(name) != nil {
		name += "'"
	}
	alert := []Action{{Kind: ActAlert}}
	s := &Service{
		Name: name, Kind: KindHost, Connectivity: how, Limits: c.Settings.Limits, Schedule: Schedule{Every: how.Every},
		Rules: []Rule{{
			Text:  fmt.Sprintf("fewer than %d of %d reference targets answer", how.Need, len(how.Targets)),
			Topic: TopicConnection, Metric: Reached, Op: Less, Operand: Num(float64(how.Need)),
			Then: alert, Else: alert, Implicit: true,
		}},
	}
	if len(how.Targets) > 0 {
		s.Subject.Address = hostOf(&how.Targets[0])
	}
	c.Services = append([]*Service{s}, c.Services...)
}

// Guard is the service that stands for the network of this host, or nil.
func (c *Config) Guard() *Service {
	for _, s := range c.Services {
		if s.Connectivity != nil {
			return s
		}
	}
	return nil
}

// Outbound tells whether the answer to a probe comes from elsewhere, as far as its address tells; own is the name of this host.
func (p *Probe) Outbound(own string) bool {
	if p.Kind != ProbePort && p.Kind != ProbePing {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(hostOf(p)), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return !addr.Unmap().IsLoopback() && !addr.IsUnspecified()
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || host == strings.ToLower(own)
	return !local
}

func hostOf(p *Probe) string {
	if p.Host == "" {
		return "localhost"
	}
	return p.Host
}

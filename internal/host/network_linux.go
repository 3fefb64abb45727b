package host

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// network measures a network interface.
type network struct {
	spec  *model.Service
	name  string // of the interface
	list  []taker[linkFacts]
	facts linkFacts
	sums  bool      // rules sum up what is transferred over some time
	noted time.Time // when that was last handed on to be kept
}

type linkFacts struct {
	up       bool
	speed    float64 // Mbit/s; 0: not known
	duplex   string  // "full", "half", or something else where it is not known
	capacity string
	traffic  traffic
}

var likedOfNetwork = []model.Metric{
	model.Link, model.Capacity, model.Saturation, model.LinkErrors,
	model.LinkSpeed, model.LinkDuplex,
	model.DownloadBytes, model.UploadBytes, model.DownloadPackets, model.UploadPackets,
	model.DownloadErrors, model.UploadErrors,
	model.DownloadBytesTotal, model.UploadBytesTotal, model.DownloadPacketsTotal, model.UploadPacketsTotal,
	model.DownloadErrorsTotal, model.UploadErrorsTotal,
}

var networkReaders = map[model.Metric]reader[linkFacts]{
	model.Link:            {0, func(f *linkFacts) model.Value { return model.Bool(f.up) }},
	model.Capacity:        {0, func(f *linkFacts) model.Value { return word(f.capacity) }},
	model.Saturation:      {0, (*linkFacts).saturation},
	model.LinkErrors:      {0, func(f *linkFacts) model.Value { return f.sum(downloadErrors, uploadErrors) }},
	model.LinkSpeed:       {0, (*linkFacts).bits},
	model.LinkDuplex:      {0, (*linkFacts).bothWays},
	model.DownloadBytes:   {0, func(f *linkFacts) model.Value { return f.traffic.rates[downloadBytes] }},
	model.UploadBytes:     {0, func(f *linkFacts) model.Value { return f.traffic.rates[uploadBytes] }},
	model.DownloadPackets: {0, func(f *linkFacts) model.Value { return f.traffic.rates[downloadPackets] }},
	model.UploadPackets:   {0, func(f *linkFacts) model.Value { return f.traffic.rates[uploadPackets] }},
	model.DownloadErrors:  {0, func(f *linkFacts) model.Value { return f.traffic.rates[downloadErrors] }},
	model.UploadErrors:    {0, func(f *linkFacts) model.Value { return f.traffic.rates[uploadErrors] }},

	model.DownloadBytesTotal:   {0, func(f *linkFacts) model.Value { return num(f.traffic.counts[downloadBytes]) }},
	model.UploadBytesTotal:     {0, func(f *linkFacts) model.Value { return num(f.traffic.counts[uploadBytes]) }},
	model.DownloadPacketsTotal: {0, func(f *linkFacts) model.Value { return num(f.traffic.counts[downloadPackets]) }},
	model.UploadPacketsTotal:   {0, func(f *linkFacts) model.Value { return num(f.traffic.counts[uploadPackets]) }},
	model.DownloadErrorsTotal:  {0, func(f *linkFacts) model.Value { return num(f.traffic.counts[downloadErrors]) }},
	model.UploadErrorsTotal:    {0, func(f *linkFacts) model.Value { return num(f.traffic.counts[uploadErrors]) }},
}

// totals tells which counter a total is of.
var totals = map[model.Metric]int{
	model.DownloadBytesTotal: downloadBytes, model.DownloadPacketsTotal: downloadPackets,
	model.UploadBytesTotal: uploadBytes, model.UploadPacketsTotal: uploadPackets,
}

func (f *linkFacts) sum(a, b int) model.Value {
	x, y := f.traffic.rates[a], f.traffic.rates[b]
	if !x.Present() || !y.Present() {
		return model.Value{}
	}
	return model.Num(x.Number() + y.Number())
}

// saturation is how much of the link's speed is used: of a half duplex link both directions share it.
func (f *linkFacts) saturation() model.Value {
	both := f.sum(downloadBytes, uploadBytes)
	if !both.Present() || f.speed == 0 {
		return model.Value{}
	}
	used := both.Number()
	if f.duplex != "half" {
		used = max(f.traffic.rates[downloadBytes].Number(), f.traffic.rates[uploadBytes].Number())
	}
	return share(used*8, f.speed*1e6)
}

// bits is the link's speed in bits per second.
func (f *linkFacts) bits() model.Value {
	if f.speed == 0 {
		return model.Value{}
	}
	return model.Num(f.speed * 1e6)
}

func (f *linkFacts) bothWays() model.Value {
	if f.duplex != "half" && f.duplex != "full" {
		return model.Value{}
	}
	return model.Bool(f.duplex == "full")
}

func (n *network) learn(s *model.Service) error {
	if s.Subject.Address != "" && net.ParseIP(s.Subject.Address) == nil {
		return fmt.Errorf("cannot find the interface of %s: %q is no address", s.Name, s.Subject.Address)
	}
	if name := s.Subject.Interface; strings.ContainsRune(name, '/') || name == "" && s.Subject.Address == "" {
		return fmt.Errorf("cannot measure %s: %q is no interface", s.Name, name)
	}
	n.spec = s
	n.list, _ = wanted(s, likedOfNetwork, networkReaders)
	n.sums = slices.ContainsFunc(s.Rules, func(r model.Rule) bool { return r.Over > 0 })
	return nil
}

func (n *network) release() {}

func (n *network) measure(v visit, out *model.Sample) error {
	name, err := n.interfaceName()
	if err != nil {
		return err
	}
	if name != n.name {
		n.name, n.facts = name, linkFacts{}
		n.recall(v)
	}
	text, err := readSome(v.h.proc("net/dev"), 1<<20)
	if err != nil {
		return fmt.Errorf("cannot read network counters: %w", err)
	}
	counts, ok := parseNetDev(text, name)
	if !ok { // it counts as a link that is down
		n.facts = linkFacts{}
		out.Readings = absentSubject()
		out.Readings.Add(model.Link, model.Bool(false))
		return nil
	}
	n.facts.traffic.next(v.now, counts)
	n.facts.readState(v.h.root + "/sys/class/net/" + name)
	out.Readings = take(n.list, &n.facts)
	n.addTotals(v, out)
	n.note(v, &out.Bookmark)
	return nil
}

// recall goes on with the totals of an earlier run, if the bookmark has those of the same interface.
func (n *network) recall(v visit) {
	text, ok := strings.CutPrefix(v.since.Traffic, n.name+" ")
	if !ok {
		return
	}
	if t, ok := restoreTraffic(text); ok && !v.now.Before(t.at) {
		n.facts.traffic = t
	}
}

// note puts into a bookmark what an orderly that is started later needs to go on with the totals.
func (n *network) note(v visit, b *model.Bookmark) {
	if !n.sums {
		b.Traffic = ""
		return
	}
	passed := v.now.Sub(n.noted)
	if !strings.HasPrefix(b.Traffic, n.name+" ") || passed >= keepEvery || passed < 0 {
		b.Traffic, n.noted = n.name+" "+n.facts.traffic.keep(), v.now
	}
}

// addTotals adds what rules sum up over some time, each sum once.
func (n *network) addTotals(v visit, out *model.Sample) {
	for i := range n.spec.Rules {
		rule := &n.spec.Rules[i]
		counter, ok := totals[rule.Metric]
		if !ok || rule.Probe != nil || out.Readings.Total(rule.Metric, rule.Over).Present() {
			continue
		}
		if total := n.facts.traffic.total(v.now, counter, rule.Over); total.Present() {
			out.Readings = append(out.Readings, model.Reading{Metric: rule.Metric, Over: rule.Over, Value: total})
		}
	}
}

// readState reads what a link is like now. Links that are no hardware know neither their state nor their speed.
func (f *linkFacts) readState(dir string) {
	var buf [64]byte
	line := func(name string) string {
		n, err := readInto(dir+"/"+name, buf[:])
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(buf[:n]))
	}
	state := line("operstate")
	f.up = state == "up" || state == "unknown" && line("carrier") == "1"
	f.speed, f.duplex, f.capacity = 0, "", ""
	if speed, err := strconv.Atoi(line("speed")); err == nil && speed > 0 {
		f.speed = float64(speed)
		f.duplex = line("duplex")
		f.capacity = fmt.Sprintf("%d Mbit/s", speed)
		if f.bothWays().Present() {
			f.capacity += " " + f.duplex + " duplex"
		}
	}
}

// interfaceName is the name of the interface, or of the one that has the address; "" if none has.
func (n *network) interfaceName() (string, error) {
	if n.spec.Subject.Interface != "" {
		return n.spec.Subject.Interface, nil
	}
	wanted := net.ParseIP(n.spec.Subject.Address)
	if i, err := net.InterfaceByName(n.name); n.name != "" && err == nil && owns(*i, wanted) {
		return n.name, nil
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return "", fmt.Errorf("cannot list network interfaces: %w", err)
	}
	for _, i := range interfaces {
		if owns(i, wanted) {
			return i.Name, nil
		}
	}
	return "", nil
}

func owns(i net.Interface, wanted net.IP) bool {
	addresses, err := i.Addrs()
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if in, ok := a.(*net.IPNet); ok && in.IP.Equal(wanted) {
			return true
		}
	}
	return false
}

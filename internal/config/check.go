package config

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// join puts the parts of a configuration together and checks what only shows then: that names are unique, and that
// services depend on services that exist and not on themselves.
func join(parts []*part, diags *diag.List) (*model.Config, map[*model.Service]place) {
	j := joiner{
		diags: diags, config: &model.Config{}, known: map[string]*model.Service{},
		places: map[*model.Service]place{}, texts: map[diag.Pos]diag.Span{},
	}
	j.dropImplied(parts)
	for _, p := range parts {
		j.add(p)
	}
	monit.Unmanageable(&j.config.Settings, j.reporting, diags)
	incomplete := diags.HasErrors()
	for _, s := range j.config.Services {
		j.resolve(s, incomplete)
		j.others(s, incomplete)
	}
	j.maintenances(incomplete)
	j.pingKeys()
	j.loops()
	return j.config, j.places
}

type joiner struct {
	diags  *diag.List
	config *model.Config
	known  map[string]*model.Service // by name in lower case
	places map[*model.Service]place
	texts  map[diag.Pos]diag.Span // statements that became rules, by Rule.Pos

	reporting  diag.Span   // what names the collectors
	maintained []diag.Span // maintenances, in the order of the settings

	guesses int
}

// dropImplied keeps an implied service only where no file has one of its kind.
func (j *joiner) dropImplied(parts []*part) {
	have := map[model.Kind]bool{}
	for _, p := range parts {
		for _, s := range p.config.Services {
			have[s.Kind] = have[s.Kind] || s != p.implied
		}
	}
	for _, p := range parts {
		if p.implied == nil {
			continue
		}
		if have[p.implied.Kind] {
			p.config.Services = slices.DeleteFunc(p.config.Services, func(s *model.Service) bool { return s == p.implied })
		}
		have[p.implied.Kind] = true
	}
}

func (j *joiner) add(p *part) {
	j.config.Routes = append(j.config.Routes, p.config.Routes...)
	j.settings(p.config.Settings, p.unnamed)
	maps.Copy(j.texts, p.texts)
	j.maintained = append(j.maintained, p.maintained...)
	if p.config.Settings.Collectors != nil {
		j.reporting = p.reporting
	}
	for _, s := range p.config.Services {
		j.places[s] = p.places[s]
		key := strings.ToLower(s.Name)
		if first, taken := j.known[key]; taken {
			j.duplicate(s, first, p)
			continue
		}
		j.known[key] = s
		j.config.Services = append(j.config.Services, s)
	}
}

// duplicate reports a name that another file has as well; duplicates within one file were reported where it was compiled.
func (j *joiner) duplicate(s, first *model.Service, p *part) {
	if _, same := p.places[first]; same {
		return
	}
	j.diags.Error(j.places[s].name, "config/duplicate-name", "there are two services named %q", s.Name).
		Relate(j.places[first].name, "first defined here").Hinted("names are compared without regard to letter case")
}

// settings adds what a file sets to what earlier files set; the last one wins. Unnamed says that the name of the host
// is only the one it has anyway.
func (j *joiner) settings(s model.Settings, unnamed bool) {
	to := &j.config.Settings
	if to.Host == "" || !unnamed {
		to.Host = s.Host
	}
	if s.Interval > 0 {
		to.Interval, to.StartDelay = s.Interval, s.StartDelay
	}
	if to.Limits == (model.Limits{}) || s.Limits != model.DefaultLimits() {
		to.Limits = s.Limits
	}
	if len(s.Mail.Servers) > 0 {
		to.Mail.Servers, to.Mail.Timeout, to.Mail.Hello = s.Mail.Servers, s.Mail.Timeout, s.Mail.Hello
	}
	if !reflect.ValueOf(s.Mail.Format).IsZero() {
		to.Mail.Format = s.Mail.Format
	}
	if s.Log.File != "" || s.Log.Facility != "" {
		to.Log.File, to.Log.Facility = s.Log.File, s.Log.Facility
	}
	to.Log.Level = cmp.Or(s.Log.Level, to.Log.Level)
	to.Statsd = cmp.Or(s.Statsd, to.Statsd)
	if s.Connectivity != nil {
		to.Connectivity = s.Connectivity
	}
	if s.Pings != nil {
		to.Pings = s.Pings
	}
	if s.Outgoing != nil {
		to.Outgoing = s.Outgoing
	}
	if s.Page != nil {
		to.Page = s.Page
	}
	if s.Retention != nil {
		to.Retention = s.Retention
	}
	to.Maintenance = append(to.Maintenance, s.Maintenance...)
	to.Accounts = append(to.Accounts, s.Accounts...)
	if to.Diagnosis != model.DiagnosisOff {
		to.Diagnosis = cmp.Or(s.Diagnosis, to.Diagnosis)
	}
	to.Hold, to.Settle, to.Flapping = max(s.Hold, to.Hold), max(s.Settle, to.Settle), s.Flapping || to.Flapping
	to.AckFor = cmp.Or(s.AckFor, to.AckFor)
	if s.Inspeqtor != nil && (to.Inspeqtor == nil || *s.Inspeqtor != *model.DefaultInspeqtor()) {
		to.Inspeqtor = s.Inspeqtor
	}
	to.Files = model.Files{
		PID: cmp.Or(s.Files.PID, to.Files.PID), ID: cmp.Or(s.Files.ID, to.Files.ID), State: cmp.Or(s.Files.State, to.Files.State),
	}
	if s.HTTPD != nil {
		to.HTTPD = s.HTTPD
	}
	if s.Collectors != nil {
		to.Collectors = s.Collectors
	}
	to.Batch = to.Batch || s.Batch
	to.Foreground = to.Foreground || s.Foreground
}

// resolve gives the dependencies of a service the names as they are defined, each once.
func (j *joiner) resolve(s *model.Service, incomplete bool) {
	at := j.places[s].depends
	var names []string
	for i, name := range s.Depends {
		on := j.known[strings.ToLower(name)]
		switch {
		case on == nil && !incomplete:
			d := j.diags.Error(at[i], "config/depends-unknown", "%q depends on %q, which is not defined", s.Name, name)
			if near := j.nearest(name); near != "" {
				d.Hinted("did you mean %q?", near)
			}
		case on != nil && !slices.Contains(names, on.Name):
			names = append(names, on.Name)
		}
	}
	s.Depends = names
}

// others gives the services that rules act on the names as they are defined, and none where that is their own.
func (j *joiner) others(s *model.Service, incomplete bool) {
	for i := range s.Rules {
		r := &s.Rules[i]
		j.aim(s, r.Then, r.Pos, incomplete)
		j.aim(s, r.Else, r.Pos, incomplete)
	}
	for i := range s.RestartLimits {
		j.aim(s, s.RestartLimits[i].Then, s.RestartLimits[i].Pos, incomplete)
	}
}

func (j *joiner) aim(s *model.Service, actions []model.Action, written diag.Pos, incomplete bool) {
	for i := range actions {
		a := &actions[i]
		on := j.known[strings.ToLower(a.On)]
		switch {
		case a.On == "":
		case on == s:
			a.On = ""
		case on != nil:
			a.On = on.Name
		case !incomplete:
			at, known := j.texts[written]
			if !known {
				at = j.places[s].name
			}
			d := j.diags.Error(at, "config/service-unknown", "a rule of %q acts on %q, which is not defined", s.Name, a.On)
			if near := j.nearest(a.On); near != "" {
				d.Hinted("did you mean %q?", near)
			}
		}
	}
}

// pingKeys reports keys of heartbeats that open others as well.
func (j *joiner) pingKeys() {
	owner := map[string]*model.Service{}
	for _, s := range j.config.Services {
		if s.Heartbeat == nil || s.Heartbeat.Key == "" {
			continue
		}
		switch first, p := owner[s.Heartbeat.Key], j.config.Settings.Pings; {
		case first != nil:
			j.diags.Error(j.places[s].name, "config/duplicate-key", "%q is pinged with the key of %q", s.Name, first.Name).
				Hinted("each heartbeat needs a key of its own")
		case p != nil && p.Key == s.Heartbeat.Key:
			j.diags.Error(j.places[s].name, "config/duplicate-key", "%q is pinged with the secret of all", s.Name).
				Hinted("each heartbeat needs a key of its own")
		}
		owner[s.Heartbeat.Key] = s
	}
}

// maxGuesses bounds how often the whole list of names is searched for the one that was meant.
const maxGuesses = 50

func (j *joiner) nearest(name string) string {
	if j.guesses++; j.guesses > maxGuesses {
		return ""
	}
	var names []string
	for _, s := range j.config.Services {
		names = append(names, s.Name)
	}
	return diag.Nearest(name, names)
}

// loops reports services that depend on themselves, each circle once.
func (j *joiner) loops() {
	const (
		entered = 1
		left    = 2
	)
	state := map[*model.Service]int{}
	var path []*model.Service
	var visit func(s *model.Service)
	visit = func(s *model.Service) {
		state[s] = entered
		path = append(path, s)
		for _, name := range s.Depends {
			on := j.known[strings.ToLower(name)]
			switch state[on] {
			case entered:
				j.circle(path[slices.Index(path, on):])
			case left:
			default:
				visit(on)
			}
		}
		path = path[:len(path)-1]
		state[s] = left
	}
	for _, s := range j.config.Services {
		if state[s] == 0 {
			visit(s)
		}
	}
}

// circle reports services of which each depends on the next, and the last on the first.
func (j *joiner) circle(path []*model.Service) {
	last, first := path[len(path)-1], path[0]
	names := make([]string, 0, len(path)+1)
	for _, s := range append(slices.Clone(path), first) {
		names = append(names, s.Name)
	}
	if len(names) > maxChain {
		names = append(append(names[:maxChain/2:maxChain/2], "..."), names[len(names)-maxChain/2:]...)
	}
	at := j.places[last].name
	for _, sp := range j.places[last].depends {
		if strings.EqualFold(strings.Trim(sp.Text(), `"'`), first.Name) {
			at = sp
		}
	}
	j.diags.Error(at, "config/depends-loop", "services depend on each other in a circle: %s", strings.Join(names, " → "))
}

// maxChain is how many names of a circle are shown.
const maxChain = 12

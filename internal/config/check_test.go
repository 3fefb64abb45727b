package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// written makes a part of services written as "name: dependency dependency", one a line.
func written(file, text string) *part {
	src := diag.NewSource(file, []byte(text))
	p := &part{config: &model.Config{Settings: model.Settings{Limits: model.DefaultLimits()}}, places: map[*model.Service]place{}}
	at := 0
	for line := range strings.Lines(text) {
		name, needs, _ := strings.Cut(line, ":")
		s := &model.Service{Name: name, Kind: model.KindProcess}
		where := place{name: diag.Span{Src: src, Start: at, End: at + len(name)}}
		for _, need := range strings.Fields(needs) {
			from := at + strings.Index(line, " "+need) + 1
			s.Depends = append(s.Depends, need)
			where.depends = append(where.depends, diag.Span{Src: src, Start: from, End: from + len(need)})
		}
		at += len(line)
		p.config.Services = append(p.config.Services, s)
		p.places[s] = where
	}
	return p
}

func TestJoin(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		want  []string // findings, each a place and a part of the summary
	}{
		{name: "nothing"},
		{name: "across files", files: []string{"a: b\n", "b:\n"}},
		{name: "letter case", files: []string{"web: DB\nDb:\n"}},
		{name: "duplicate", files: []string{"a:\n", "b:\nA:\n"}, want: []string{`f1:2:1 two services named "A"`}},
		{name: "unknown", files: []string{"web: bd\ndb:\n"}, want: []string{`f0:1:6 "web" depends on "bd", which is not defined`}},
		{name: "itself", files: []string{"a: a\n"}, want: []string{"f0:1:4 a → a"}},
		{name: "pair", files: []string{"a: b\n", "b: a\n"}, want: []string{"f1:1:4 a → b → a"}},
		{name: "behind a path", files: []string{"x: a\na: b\nb: c\nc: a\n"}, want: []string{"f0:4:4 a → b → c → a"}},
		{name: "two", files: []string{"a: b\nb: a\nc: d\nd: c\n"}, want: []string{"f0:2:4 a → b → a", "f0:4:4 c → d → c"}},
		{name: "diamond", files: []string{"a: b c\nb: d\nc: d\nd:\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var parts []*part
			for i, text := range tt.files {
				parts = append(parts, written(fmt.Sprintf("f%d", i), text))
			}
			var diags diag.List
			join(parts, &diags)
			if len(diags) != len(tt.want) {
				t.Fatalf("findings: %v, want %v", diags, tt.want)
			}
			for i, d := range diags {
				at, summary, _ := strings.Cut(tt.want[i], " ")
				p := d.Span.Pos()
				if got := fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column); got != at || !strings.Contains(d.Summary, summary) {
					t.Errorf("finding at %s: %s, want %s", got, d.Summary, tt.want[i])
				}
			}
		})
	}
}

func TestJoinResolvesNames(t *testing.T) {
	var diags diag.List
	c, _ := join([]*part{written("f", "web: DB db cache\nDb:\nCache:\n")}, &diags)
	if got := c.Services[0].Depends; !slices.Equal(got, []string{"Db", "Cache"}) || len(diags) > 0 {
		t.Errorf("dependencies are %q, %v", got, diags)
	}
}

func TestJoinKeepsQuietAfterErrors(t *testing.T) {
	var diags diag.List
	diags.Error(diag.Span{}, "monit/syntax", "something could not be read")
	join([]*part{written("f", "web: db\n")}, &diags)
	if len(diags) != 1 {
		t.Errorf("a missing service is reported although it may be where the text is damaged: %v", diags)
	}
}

func TestJoinLongCircle(t *testing.T) {
	var text strings.Builder
	const n = 5000
	for i := range n {
		fmt.Fprintf(&text, "s%d: s%d\n", i, (i+1)%n)
	}
	var diags diag.List
	join([]*part{written("f", text.String())}, &diags)
	if len(diags) != 1 || len(diags[0].Summary) > 200 {
		t.Errorf("%d findings for one long circle: %v", len(diags), diags)
	}
}

func TestJoinImplied(t *testing.T) {
	withSystem := func(name string, implied bool) *part {
		s := &model.Service{Name: name, Kind: model.KindSystem}
		p := &part{config: &model.Config{Services: []*model.Service{s}}, places: map[*model.Service]place{s: {}}}
		if implied {
			p.implied, p.places = s, nil
		}
		return p
	}
	for _, tt := range []struct {
		name  string
		parts []*part
		want  []string
	}{
		{"implied twice", []*part{withSystem("host", true), withSystem("host", true)}, []string{"host"}},
		{"written elsewhere", []*part{withSystem("host", true), withSystem("web1", false)}, []string{"web1"}},
		{"written twice", []*part{withSystem("a", false), withSystem("b", false)}, []string{"a", "b"}},
	} {
		var diags diag.List
		c, _ := join(tt.parts, &diags)
		var got []string
		for _, s := range c.Services {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, tt.want) || len(diags) > 0 {
			t.Errorf("%s: %q %v, want %q", tt.name, got, diags, tt.want)
		}
	}
}

func TestJoinSettings(t *testing.T) {
	first, second := written("a", "x:\n"), written("b", "y:\n")
	first.config.Settings.Interval = 10 * time.Second
	first.config.Settings.Mail.Servers = []model.MailServer{{Host: "mx", Port: 25}}
	first.config.Settings.Mail.Timeout = time.Second
	first.config.Settings.Limits.ProgramOutput = 1
	second.config.Settings.Host = "b"
	second.config.Settings.Mail.Format = model.MailFormat{Subject: "s"}
	second.config.Routes = []model.Route{{Channel: "mail", Address: "a@b"}}
	var diags diag.List
	c, _ := join([]*part{first, second}, &diags)
	s := c.Settings
	if s.Interval != 10*time.Second || s.Host != "b" || s.Limits.ProgramOutput != 1 || len(s.Mail.Servers) != 1 ||
		s.Mail.Timeout != time.Second || s.Mail.Format.Subject != "s" || len(c.Routes) != 1 {
		t.Errorf("settings are %+v", s)
	}
}

// S-06: a rule may act on another service, which must be there.
func TestRulesActOnOthers(t *testing.T) {
	text := `services:
  web:
    unit: web
    rules:
      - if cpu > 1% then restart service DB else stop service web
      - {if: cpu > 2%, then: [alert, restart service bd once]}
      - if 3 restarts within 5 cycles then stop service cache
  db: {unit: db}
`
	r := Check(Options{Paths: []string{create(t, filepath.Join(t.TempDir(), "orderly.yaml"), text, 0o600)}})
	var got []string
	for _, d := range r.Diagnostics {
		if d.Severity == diag.Error {
			got = append(got, fmt.Sprintf("%d: %s %s (%s)", d.Span.Pos().Line, d.Code, d.Summary, d.Hint))
		}
	}
	want := []string{
		`6: config/service-unknown a rule of "web" acts on "bd", which is not defined (did you mean "db"?)`,
		`7: config/service-unknown a rule of "web" acts on "cache", which is not defined ()`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for _, rule := range r.Config.Find("web").Rules {
		if rule.Text == "cpu > 1%" && (rule.Then[0].On != "db" || rule.Else[0].On != "") {
			t.Errorf("it acts on %q and %q, want db and itself", rule.Then[0].On, rule.Else[0].On)
		}
	}
}

// What one file says of the log, statistics and Inspeqtor goes for all.
func TestJoinWhatIsSentWhere(t *testing.T) {
	one, two := written("f0", "a:\n"), written("f1", "b:\n")
	one.config.Settings.Log = model.Log{File: "/log", Level: "debug"}
	one.config.Settings.Statsd = "localhost:8125"
	two.config.Settings.Log = model.Log{Facility: "local1"}
	two.config.Settings.Inspeqtor = model.DefaultInspeqtor()
	var diags diag.List
	c, _ := join([]*part{one, two, written("f2", "c:\n")}, &diags)
	if s := c.Settings; s.Log != (model.Log{Facility: "local1", Level: "debug"}) || s.Statsd != "localhost:8125" || s.Inspeqtor == nil {
		t.Errorf("settings are %+v", s)
	}
}

package model

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/diag"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		value Value
		unit  Unit
		want  string
	}{
		{Value{}, Bytes, ""},
		{Str("abc"), Text, "abc"},
		{Num(0), Bytes, "0 B"},
		{Num(1023), Bytes, "1023 B"},
		{Num(1536), Bytes, "1.5 kB"},
		{Num(1 << 40), Bytes, "1.0 TB"},
		{Num(2048), BytesPerSec, "2.0 kB/s"},
		{Num(1e9), BitsPerSecond, "1000 Mbit/s"},
		{Num(99.95), Percent, "100.0%"},
		{Num(0.0351), Seconds, "35.1 ms"},
		{Num(0.0000351), Seconds, "35.1 µs"},
		{Num(4.25), Seconds, "4.25 s"},
		{Num(0), Seconds, "0 s"},
		{Num(-90), Seconds, "-1m30s"},
		{Num(3 * 3600), Seconds, "3 h"},
		{Num(49 * 3600), Seconds, "2d1h"},
		{Num(12.5), Milliseconds, "12.5 ms"},
		{Num(0o644), Octal, "0644"},
		{Bool(true), Boolean, "yes"},
		{Bool(false), Boolean, "no"},
		{Num(7), PerSec, "7/s"},
		{Num(30), Days, "30 days"},
		{Num(3), Count, "3"},
	} {
		if got := c.value.Format(c.unit); got != c.want {
			t.Errorf("%v as %q: got %q, want %q", c.value, c.unit, got, c.want)
		}
	}
}

func TestValueJSON(t *testing.T) {
	for _, v := range []Value{{}, Num(1.5), Str("x"), Str("")} {
		b, err := json.Marshal(v)
		var back Value
		if err != nil || json.Unmarshal(b, &back) != nil || back != v {
			t.Errorf("%v became %s and then %v", v, b, back)
		}
	}
}

func TestTopics(t *testing.T) { // E-event-*: names and bits are part of the interface
	for topic, bit := range map[Topic]Topics{TopicChecksum: 0x1, TopicConnection: 0x20, TopicNonexist: 0x200, TopicInstance: 0x10000, TopicExist: 0x40000000} {
		if topic.Bit() != bit {
			t.Errorf("%s is bit %#x, want %#x", topic, topic.Bit(), bit)
		}
	}
	some := TopicSize.Bit() | TopicPID.Bit()
	if !some.Has(TopicPID) || some.Has(TopicUID) || !some.Has("") || !AllTopics.Has(TopicExist) {
		t.Error("sets of topics do not hold")
	}
	for kind, want := range map[EventKind]string{EventFailed: "Does not exist", EventRecovered: "Exists", EventChanged: "Existence changed"} {
		if got := TopicNonexist.EventText(kind); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	if Topic("x").EventText(EventFailed) != "" || Topic("x").Bit() != 0 {
		t.Error("an unknown topic has a text")
	}
}

func sample(name string, limit float64) *Service {
	return &Service{Name: name, Kind: KindFile, Rules: []Rule{
		{Text: "a", Metric: Size, Op: Greater, Operand: Num(limit), Pos: diag.Pos{Line: 3}},
		{Text: "b", Metric: Size, Op: Greater, Operand: Num(limit)},
	}}
}

func TestSealAndDiff(t *testing.T) {
	old := &Config{Services: []*Service{sample("same", 1), sample("Edited", 1), sample("gone", 1), sample("kind", 1)}}
	moved := sample("SAME", 1)
	moved.Name = "same"
	moved.Pos, moved.Rules[0].Pos = diag.Pos{Line: 99}, diag.Pos{Line: 100}
	kind := sample("kind", 1)
	kind.Kind = KindFifo
	new := &Config{Services: []*Service{moved, sample("edited", 2), sample("fresh", 1), kind}}
	old.Seal()
	new.Seal()
	if old.Settings.Interval != DefaultInterval {
		t.Errorf("interval %v", old.Settings.Interval)
	}
	d := Diff(old, new)
	want := Difference{Added: []string{"fresh", "kind"}, Changed: []string{"edited"}, Removed: []string{"kind", "gone"}, Unchanged: []string{"same"}}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got %+v, want %+v", d, want)
	}
	rules := old.Services[0].Rules
	if rules[0].ID == rules[1].ID || rules[0].ID != new.Services[0].Rules[0].ID {
		t.Error("rules are told apart by their conditions, in any file")
	}
	if all := Diff(nil, new); len(all.Added) != 4 {
		t.Errorf("without an old one: %+v", all)
	}
	if new.Find("SAME") == nil || new.Find("x") != nil {
		t.Error("Find")
	}
}

func TestReminders(t *testing.T) {
	s := sample("x", 1)
	s.Routes = []Route{{Reminder: Reminder{Cycles: 5}}, {}}
	s.Rules = append(s.Rules, Rule{Metric: Size, Routes: []Route{{Reminder: Reminder{Every: time.Hour}}, {After: time.Minute}}})
	c := &Config{Services: []*Service{s}, Routes: []Route{{Reminder: Reminder{Cycles: 10}}, {Reminder: Reminder{Cycles: 5}}}}
	c.Seal()
	if !reflect.DeepEqual(s.Reminders, []Reminder{{Every: time.Minute, Once: true}, {Every: time.Hour}, {Cycles: 5}, {Cycles: 10}}) {
		t.Errorf("reminders %v", s.Reminders)
	}
}

func TestReadings(t *testing.T) {
	var r Readings
	r.Add(Size, Num(3))
	r = append(r, Reading{Metric: DownloadBytesTotal, Over: time.Hour, Value: Num(9)})
	if r.Get(Size).Number() != 3 || r.Get(UID).Present() || r.Get(DownloadBytesTotal).Present() || r.Total(DownloadBytesTotal, time.Hour).Number() != 9 {
		t.Error("readings do not hold")
	}
}

func TestProbesAreDistinct(t *testing.T) {
	p, q := &Probe{Port: 1}, &Probe{Port: 2}
	s := &Service{Rules: []Rule{{Probe: p}, {}, {Probe: q}, {Probe: p, Metric: Latency}}}
	if got := s.Probes(); len(got) != 2 || got[0] != p || got[1] != q {
		t.Errorf("probes %v", got)
	}
}

func TestParams(t *testing.T) {
	p := Params{{Name: "status", Op: NotEqual, Value: "404"}, {Name: "header", Value: "a"}, {Name: "header", Value: "b"}}
	if p.Get("header") != "b" || p.Get("x") != "" {
		t.Error("Get")
	}
	if got, ok := p.Find("status"); !ok || got.Op != NotEqual {
		t.Error("Find")
	}
}

func TestHolds(t *testing.T) {
	for _, tt := range []struct {
		op                   Op
		below, equal, beyond bool
	}{
		{Equal, false, true, false},
		{NotEqual, true, false, true},
		{Less, true, false, false},
		{LessEqual, true, true, false},
		{Greater, false, false, true},
		{GreaterEqual, false, true, true},
		{Matches, false, false, false},
		{Changed, false, false, false},
		{"", false, false, false},
	} {
		if got := [3]bool{tt.op.Holds(1, 2), tt.op.Holds(2, 2), tt.op.Holds(3, 2)}; got != [3]bool{tt.below, tt.equal, tt.beyond} {
			t.Errorf("%q: 1, 2 and 3 compared with 2 give %v", tt.op, got)
		}
	}
}

type details Readings

func (d details) Readings() Readings { return Readings(d) }

func TestSampleAll(t *testing.T) {
	seen := Readings{{Metric: Exist, Value: Num(1)}, {Metric: UploadBytesTotal, Over: time.Hour, Value: Num(2)}}
	s := Sample{Readings: seen}
	if got := s.All(); !slices.Equal(got, seen) {
		t.Errorf("without details %v", got)
	}
	s.Details = details{{Metric: Exist, Value: Num(3)}, {Metric: UploadBytesTotal, Value: Num(4)}, {Metric: FSType, Value: Str("ext4")}}
	want := append(slices.Clone(seen), Reading{Metric: UploadBytesTotal, Value: Num(4)}, Reading{Metric: FSType, Value: Str("ext4")})
	if got := s.All(); !slices.Equal(got, want) {
		t.Errorf("with details %v, want %v", got, want)
	}
}

// Rules compare measurements with ==.
func TestValuesAreComparable(t *testing.T) {
	text := func(parts ...string) Value { return Str(strings.Join(parts, "")) }
	for _, same := range [][2]Value{{{}, {}}, {Num(1), Num(1)}, {text("a", "b"), text("ab")}, {Str(""), Str("")}} {
		if same[0] != same[1] {
			t.Errorf("%v is not %v", same[0], same[1])
		}
	}
	for _, other := range [][2]Value{{{}, Num(0)}, {{}, Str("")}, {Num(0), Str("")}, {Num(1), Num(2)}, {Str("a"), Str("b")}} {
		if other[0] == other[1] {
			t.Errorf("%v is %v", other[0], other[1])
		}
	}
}

func TestSecretParams(t *testing.T) {
	for _, secret := range []Param{
		{Name: "password"},
		{Name: "secret"},
		{Name: "token"},
		{Name: "url"},
		{Name: "header", Value: "Authorization: x"},
		{Name: "header", Value: "X-Api-Key: x"},
		{Name: "header", Value: "Set-Cookie: x"},
	} {
		if !secret.Secret() {
			t.Errorf("%s %s is shown", secret.Name, secret.Value)
		}
	}
	for _, open := range []Param{{Name: "room"}, {Name: "icon_emoji"}, {Name: "header", Value: "Host: token.example.org"}} {
		if open.Secret() {
			t.Errorf("%s %s is hidden", open.Name, open.Value)
		}
	}
}

package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

var rowName = regexp.MustCompile(`data-service="([^"]*)"`)

func rowsOf(body string) (out []string) {
	for _, m := range rowName.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestOverviewOrderAndFilters(t *testing.T) {
	b := open(t, town(time.Now()).options())
	if got := rowsOf(b.page("/")); len(got) != 13 || !slices.Equal(got[:4], []string{"mysql", "backup", "shop", "certificates"}) || got[12] != "legacy-ftp" {
		t.Errorf("the order is %q", got)
	}
	for query, want := range map[string][]string{
		"?state=failing":              {"mysql", "backup", "shop"},
		"?state=acting":               {"shop"},
		"?state=silenced":             {"mail queue"},
		"?state=unmonitored":          {"legacy-ftp"},
		"?group=database":             {"mysql", "redis"},
		"?group=shop&state=ok":        {"nginx", "worker"},
		"?q=REFUSED+3306":             {"mysql"},
		"?q=filesystem":               {"root filesystem"},
		"?q=nothing-of-that":          nil,
		"?state=nothing&group=shop":   nil,
		"?q=+unit+&group=+database++": {"mysql", "redis"},
	} {
		if got := rowsOf(b.page("/" + query)); !slices.Equal(got, want) {
			t.Errorf("%s shows %q, want %q", query, got, want)
		}
	}
}

func TestOverviewOfNothing(t *testing.T) {
	open(t, newWorld(time.Now()).options()).page("/", "Nothing is watched yet", "orderly discover")
}

func TestVerdict(t *testing.T) {
	of := func(states ...model.ServiceState) *outlook {
		var h model.HostStatus
		for i, s := range states {
			h.Services = append(h.Services, model.ServiceStatus{Name: string(rune('a' + i)), State: s})
		}
		return survey(h)
	}
	for want, o := range map[string]*outlook{
		"Nothing is watched yet":                   of(),
		"All is well":                              of(model.StateOK, model.StateUnmonitored),
		"b is failing":                             of(model.StateOK, model.StateFailing),
		"2 services are failing":                   of(model.StateFailing, model.StateFailing, model.StateUnknown),
		"1 service cannot be checked":              of(model.StateUnknown, model.StateOK),
		"Looking at everything for the first time": of(model.StateInitializing, model.StateOK),
		"Something is being done":                  of(model.StateActing),
		"Nothing is monitored":                     of(model.StateUnmonitored),
	} {
		if got, _ := verdict(o); got != want {
			t.Errorf("the verdict is %q, want %q", got, want)
		}
	}
}

// Of what was done, the last is shown, also when it happens while nobody looks, and what was done long ago is not forgotten.
func TestDeedsOfTheJournal(t *testing.T) {
	w := newWorld(time.Now())
	d := deeds{journal: w, turn: make(chan struct{}, 1)}
	w.tell(time.Hour, model.Event{Service: "a", Kind: model.EventAction, Action: "restart"})
	w.tell(time.Minute, model.Event{Service: "a", Kind: model.EventFailed, Action: "restart"})
	if got := d.look(t.Context(), w.now); got["a"].Seq != 1 {
		t.Errorf("at first: %+v", got)
	}
	w.tell(time.Second, model.Event{Service: "b", Kind: model.EventActionFailed, Action: "start"})
	got := d.look(t.Context(), w.now)
	if got["a"].Seq != 1 || got["b"].Seq != 3 {
		t.Errorf("later: %+v", got)
	}
}

func TestPagesOfMany(t *testing.T) {
	b := open(t, city(time.Now(), 2300).options())
	first, last := rowsOf(b.page("/")), rowsOf(b.page("/?page=3"))
	if len(first) != 1000 || len(last) != 300 || slices.Contains(first, last[0]) {
		t.Errorf("pages have %d and %d rows", len(first), len(last))
	}
	if rows := rowsOf(b.page("/?page=2&group=group-3")); len(rows) != 115 {
		t.Errorf("a page that does not exist has %d rows", len(rows))
	}
}

func TestRows(t *testing.T) {
	b := open(t, town(time.Now()).options())
	body := b.page("/rows?name=mysql&name=nginx&name=nothing", `data-failing="3"`)
	if got := rowsOf(body); !slices.Equal(got, []string{"mysql", "nginx"}) || strings.Contains(body, "<html") {
		t.Errorf("rows are %q", got)
	}
}

// 1000 services are shown in less than 100 ms: the benchmark says how long it takes, this that whoever looks within the same second
// asks the engine once. In the bubble no time passes, however slow the machine is.
func TestManyLookAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &counting{world: city(time.Now(), 100)}
		o := w.options()
		o.View = w
		h := New(o)
		look := func() {
			for range 20 {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			}
		}
		look()
		if w.asked != 1 {
			t.Errorf("20 pages asked the engine %d times", w.asked)
		}
		time.Sleep(fresh)
		look()
		if w.asked != 2 {
			t.Errorf("20 pages and 20 more a second later asked the engine %d times", w.asked)
		}
	})
}

func BenchmarkOverview1000(b *testing.B) {
	h := New(city(time.Now(), 1000).options())
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		b.ReportMetric(float64(w.Body.Len())/1024, "kB/page")
	}
}

func BenchmarkService(b *testing.B) {
	h := New(town(time.Now()).options())
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/services/mysql", nil))
	}
}

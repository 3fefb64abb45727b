package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/host"
	"orderly/internal/model"
	"orderly/internal/store"
)

// A ward is where diagnoses are made, by a doctor who takes his time.
type ward struct {
	t         *testing.T
	store     *store.Store
	diagnoses *diagnoses
	takes     time.Duration
	looks     []string
}

func inWard(t *testing.T, f func(w *ward)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(filepath.Join(dir, "state"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		w := &ward{t: t, store: s}
		w.diagnoses = newDiagnoses(w.look, s.Diagnose)
		w.diagnoses.on.Store(true)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.diagnoses.run(ctx)
		}()
		f(w)
		stop()
		<-ended
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (w *ward) look(ctx context.Context, ev model.Event) string {
	w.looks = append(w.looks, ev.Service)
	select {
	case <-time.After(w.takes):
		return "diagnosis of " + ev.Service
	case <-ctx.Done():
		return "what was found until then"
	}
}

func failed(service string) model.Event {
	return model.Event{Kind: model.EventFailed, Service: service, At: time.Now()}
}

// followed is the diagnosis of the next event as a follower gets it, and how long that took.
func (w *ward) followed(from uint64) (string, time.Duration) {
	begin := time.Now()
	for ev := range (diagnosed{w.store, w.diagnoses}).Follow(w.t.Context(), from) {
		return ev.Diagnosis, time.Since(begin)
	}
	return "", 0
}

func TestDiagnosisReachesFollowersAndTheJournal(t *testing.T) {
	inWard(t, func(w *ward) {
		w.takes = time.Second
		seq := w.diagnoses.append(w.store, failed("web"))
		if text, took := w.followed(seq - 1); text != "diagnosis of web" || took != time.Second {
			t.Errorf("followers get %q after %v", text, took)
		}
		synctest.Wait()
		kept, err := w.store.Events(t.Context(), store.Query{})
		if err != nil || len(kept) != 1 || kept[0].Diagnosis != "diagnosis of web" {
			t.Errorf("the journal has %+v (%v)", kept, err)
		}
	})
}

func TestDiagnosisNeverDelaysForLonger(t *testing.T) {
	inWard(t, func(w *ward) {
		w.takes = time.Hour
		first := w.diagnoses.append(w.store, failed("a"))
		for _, name := range []string{"b", "c", "d"} {
			w.diagnoses.append(w.store, failed(name))
		}
		begin := time.Now()
		for range 4 {
			w.followed(first - 1)
			first++
		}
		if took := time.Since(begin); took != diagnosing-leeway {
			t.Errorf("followers waited for %v", took)
		}
		synctest.Wait()
		if got := strings.Join(w.looks, " "); got != "a" {
			t.Errorf("diagnosed were %s, although the time of the others was over", got)
		}
	})
}

func TestWhatIsDiagnosed(t *testing.T) {
	silent, silenced, process := failed("silent"), failed("silenced"), failed("process")
	silent.Silent, silenced.Silenced = true, "silenced until noon"
	process.Kind, process.Topic = model.EventChanged, model.TopicPID
	for _, tt := range []struct {
		name string
		ev   model.Event
		want bool
	}{
		{"a failure", failed("web"), true},
		{"an action that failed", model.Event{Kind: model.EventActionFailed, Service: "web"}, true},
		{"the end of a process", process, true},
		{"nobody is told", silent, false},
		{"silenced", silenced, false},
		{"a recovery", model.Event{Kind: model.EventRecovered, Service: "web"}, false},
		{"it goes on failing", model.Event{Kind: model.EventStillFailing, Service: "web"}, false},
		{"of orderly itself", model.Event{Kind: model.EventFailed}, false},
	} {
		if got := puzzling(tt.ev); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestOneDiagnosisAMinuteAndService(t *testing.T) {
	inWard(t, func(w *ward) {
		for range 3 {
			w.diagnoses.append(w.store, failed("web"))
			time.Sleep(10 * time.Second)
		}
		time.Sleep(40 * time.Second)
		w.diagnoses.append(w.store, failed("web"))
		synctest.Wait()
		if len(w.looks) != 2 {
			t.Errorf("it was diagnosed %d times", len(w.looks))
		}
		w.diagnoses.on.Store(false)
		time.Sleep(time.Hour)
		w.diagnoses.append(w.store, failed("web"))
		synctest.Wait()
		if len(w.looks) != 2 {
			t.Error("it was diagnosed although nobody wants that")
		}
	})
}

// awaited is how many diagnoses are waited for.
func (w *ward) awaited() int {
	w.diagnoses.mu.Lock()
	defer w.diagnoses.mu.Unlock()
	return len(w.diagnoses.pending)
}

func TestDiagnosesInAStormAreBounded(t *testing.T) {
	inWard(t, func(w *ward) {
		w.takes = time.Hour
		for i := range 1000 {
			w.diagnoses.append(w.store, failed(string(rune('a'+i))))
		}
		synctest.Wait()
		if n := w.awaited(); n > maxDiagnoses+1 {
			t.Errorf("%d are waited for", n)
		}
		time.Sleep(2 * diagnosing)
		synctest.Wait()
		if n := w.awaited(); n != 0 {
			t.Errorf("%d are still waited for", n)
		}
	})
}

func TestConditionInWords(t *testing.T) {
	const giga = 1 << 30
	got := conditionText(host.Condition{
		CPUs: 2, Load: [3]float64{4.5, 2, 1}, Memory: 8 * giga, MemoryFree: giga, Swap: 2 * giga, SwapFree: giga, Processes: 120,
		Busiest: []host.Consumer{{PID: 7, Name: "stress", CPU: 198}}, Largest: []host.Consumer{{PID: 8, Name: "java", Memory: 2 * giga}},
		Full:   []host.Fullness{{Point: "/var", Space: 93, Inodes: 12}},
		Killed: []string{"Out of memory: Killed process 4711 (java)"},
	})
	want := `load 4.50 2.00 1.00 on 2 processors, 120 processes
memory: 1 GB of 8 GB free; swap: 1 GB of 2 GB used
most processor time: stress[7] 198%
most memory: java[8] 2 GB
/var: 93% of the space and 12% of the inodes are used
kernel: Out of memory: Killed process 4711 (java)`
	if strings.ReplaceAll(got, ".0 GB", " GB") != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	whole := sections("", strings.Repeat("x", model.MaxDiagnosis), "y\x1b[2J")
	if len(whole) > model.MaxDiagnosis || strings.Contains(whole, "\x1b") {
		t.Errorf("%d bytes", len(whole))
	}
}

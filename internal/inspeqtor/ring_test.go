package inspeqtor

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// with is a view of one service with a measurement.
func with(name string, m model.Metric, n float64) view {
	return newView([]model.Snapshot{{Spec: &model.Service{Name: name, Kind: model.KindProcess}, Readings: readings(m, n)}}, boxed)
}

func TestRingKeepsTheLastOnes(t *testing.T) { // 240 samples
	var h history
	for i := range ringSize + 3 {
		h.record(with("web", model.Memory, float64(i)))
	}
	got := h.samples(place{"web", "memory:rss"})
	if len(got) != ringSize || got[0] != 3 || got[ringSize-1] != ringSize+2 || !slices.IsSorted(got) {
		t.Errorf("%d samples, from %v to %v", len(got), got[0], got[len(got)-1])
	}
}

func TestRingHasGaps(t *testing.T) {
	var h history
	h.record(with("web", model.Memory, 1))
	h.record(with("web", model.CoresUser, 2))
	h.record(with("Web", model.Memory, 3))
	got := h.samples(place{"web", "memory:rss"})
	if len(got) != 3 || got[0] != 1 || !math.IsNaN(float64(got[1])) || got[2] != 3 {
		t.Errorf("samples of memory are %v", got)
	}
	if low, high, mean := boundsOf(got); low != 1 || high != 3 || mean != 2 {
		t.Errorf("bounds are %v, %v, %v", low, high, mean)
	}
	if got := h.samples(place{"web", "cpu:user"}); len(got) != 2 {
		t.Errorf("samples of cpu are %v", got)
	}
}

func TestRingForgetsServices(t *testing.T) {
	var h history
	h.record(with("web", model.Memory, 1))
	h.record(with("db", model.Memory, 1))
	if len(h.rings) != 1 || h.samples(place{"web", "memory:rss"}) != nil {
		t.Errorf("there are rings for %v", h.rings)
	}
}

// A service may have the name of the host, or be called host.
func TestRingTellsHostAndServicesApart(t *testing.T) {
	services := []model.Snapshot{
		{Spec: &model.Service{Name: "vm", Kind: model.KindSystem}, Readings: readings(model.CoresUser, 1.0)},
		{Spec: &model.Service{Name: "vm", Kind: model.KindUnit}, Readings: readings(model.CoresUser, 2.0)},
	}
	var h history
	h.record(newView(services, boxed))
	host, service := h.samples(place{"", "cpu:user"}), h.samples(place{"vm", "cpu:user"})
	if !slices.Equal(host, []float32{1}) || !slices.Equal(service, []float32{2}) {
		t.Errorf("host %v, service %v", host, service)
	}
}

// Pins I-32 and I-28: one sample for each cycle, on a fixed schedule, and none is lost when the configuration is read again.
func TestRunFillsTheRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serving(t, &world{services: box()})
		configure := func(every time.Duration, in *model.Inspeqtor) {
			s.Configure(t.Context(), &model.Config{Settings: model.Settings{Host: "vm", Interval: every, Inspeqtor: in}})
		}
		configure(10*time.Second, &model.Inspeqtor{})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := s.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		defer running.Wait()
		defer stop()
		count := func(want int) {
			t.Helper()
			synctest.Wait()
			if got := len(s.history.samples(place{"web", "memory:rss"})); got != want {
				t.Errorf("%d samples, want %d", got, want)
			}
		}
		time.Sleep(9 * time.Second)
		count(0)
		time.Sleep(92 * time.Second)
		count(10)
		configure(10*time.Second, &model.Inspeqtor{}) // at 101 seconds: the schedule stays
		time.Sleep(9 * time.Second)
		count(11)
		configure(time.Minute, &model.Inspeqtor{})
		time.Sleep(61 * time.Second)
		count(12)
		configure(time.Minute, nil) // nobody can ask any more
		time.Sleep(time.Hour)
		count(12)
	})
}

package engine

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"orderly/internal/model"
)

// quiet is an outside world where all is well, at no cost of its own.
type quiet struct{ Actor }

func (quiet) Append(model.Event) uint64       { return 1 }
func (quiet) Save(string, model.Kind, []byte) {}
func (quiet) SaveSilences([]byte)             {}
func (quiet) Remove(string)                   {}
func (quiet) Flush(context.Context) error     { return nil }
func (quiet) Sense(_ context.Context, _ *model.Service, asOf time.Time, _ model.Bookmark) (model.Sample, error) {
	return model.Sample{At: asOf, Readings: model.Readings{{Metric: model.Exist, Value: model.Num(1)}}}, nil
}

// BenchmarkCycle is one cycle over services that are well: what scheduling and deciding cost beside measuring.
func BenchmarkCycle(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var services []*model.Service
			for i := range n {
				services = append(services, process(fmt.Sprintf("p%04d", i)))
			}
			c := config(services...)
			c.Seal()
			var q quiet
			e := New(Options{Sense: q.Sense, Actor: q, Journal: q, Keeper: q, Log: slog.New(slog.DiscardHandler)})
			e.ctx = b.Context()
			e.apply(c)
			cycle := func() {
				for done := 0; done < n; done++ {
					f := <-e.inbox
					f()
				}
			}
			cycle()
			now := e.groups[0].next
			b.ReportAllocs()
			for b.Loop() {
				e.tick(now)
				cycle()
				now = now.Add(30 * time.Second)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/check")
		})
	}
}

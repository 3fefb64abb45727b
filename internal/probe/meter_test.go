package probe

import (
	"fmt"
	"net"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderly/internal/model"
)

const (
	keyHits  = model.Metric("redis.keyspace_hits")
	expired  = model.Metric("redis.expired_keys")
	netBytes = model.Metric("memcached.bytes_read")
)

// numbers are readings of metrics, each followed by its number.
func numbers(pairs ...any) (r model.Readings) {
	for i := 0; i < len(pairs); i += 2 {
		r.Add(pairs[i].(model.Metric), model.Num(pairs[i+1].(float64)))
	}
	return r
}

func TestRates(t *testing.T) { // I-32
	for _, tt := range []struct {
		name        string
		before, now model.Readings
		elapsed     time.Duration
		want        model.Readings
	}{
		{"first look", nil, numbers(keyHits, 100.0), time.Minute, nil},
		{"growth", numbers(keyHits, 100.0), numbers(keyHits, 160.0), time.Minute, numbers(keyHits, 1.0)},
		{"growth in the time that passed", numbers(keyHits, 100.0), numbers(keyHits, 160.0), 40 * time.Second, numbers(keyHits, 1.5)},
		{"bytes", numbers(netBytes, 0.0), numbers(netBytes, 512.0), 2 * time.Second, numbers(netBytes, 256.0)},
		{"none", numbers(keyHits, 100.0), numbers(keyHits, 100.0), time.Minute, numbers(keyHits, 0.0)},
		{"started again", numbers(keyHits, 100.0, expired, 3.0), numbers(keyHits, 7.0, expired, 9.0), 2 * time.Second, numbers(expired, 3.0)},
		{"new name", numbers(keyHits, 100.0), numbers(keyHits, 102.0, expired, 9.0), 2 * time.Second, numbers(keyHits, 1.0)},
		{"name that is gone", numbers(keyHits, 100.0, expired, 9.0), numbers(keyHits, 102.0), 2 * time.Second, numbers(keyHits, 1.0)},
		{"no time at all", numbers(keyHits, 1.0), numbers(keyHits, 2.0), 0, nil},
		{"clock set back", numbers(keyHits, 1.0), numbers(keyHits, 2.0), -time.Second, nil},
		{"once a day", numbers(keyHits, 0.0), numbers(keyHits, 86400.0), 24 * time.Hour, numbers(keyHits, 1.0)},
		{"after a long pause", numbers(keyHits, 1.0), numbers(keyHits, 2.0), longestPause + 1, nil},
	} {
		if got := rates(tt.before, tt.now, tt.elapsed); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestLooksThatFollowEachOther(t *testing.T) {
	l, at := &look{}, time.Now()
	for i, step := range []struct {
		after time.Duration
		total float64
		want  model.Value
	}{
		{0, 100, model.Value{}},
		{settle - 1, 900, model.Value{}}, // too soon to tell
		{10*time.Second - settle + 1, 200, model.Num(10)},
		{settle / 2, 900, model.Num(10)}, // too soon, so the last one holds
		{10*time.Second - settle/2, 300, model.Num(10)},
		{10 * time.Second, 5, model.Value{}}, // it was started again
		{10 * time.Second, 25, model.Num(2)},
	} {
		at = at.Add(step.after)
		if got := l.then(numbers(keyHits, step.total), at).Get(keyHits); got != step.want {
			t.Errorf("look %d: got %v, want %v", i, got, step.want)
		}
	}
}

// countingRedis counts up by a hundred with each question.
func countingRedis(t *testing.T) *model.Probe {
	var hits atomic.Int64
	p := serve(t, func(c net.Conn) {
		text := fmt.Sprintf("keyspace_hits:%d\r\nused_memory:7\r\n", hits.Add(100))
		script(t, "> *1", "> $4", "> INFO", "< $"+strconv.Itoa(len(text)), "< "+text)(c)
		mute(c)
	})
	p.Protocol = "redis-status"
	return p
}

// back makes the last look of a service lie farther back.
func (m *Meter) back(service string, by time.Duration) {
	for _, l := range m.services[service] {
		l.at = l.at.Add(-by)
	}
}

func TestMeter(t *testing.T) { // I-14, I-32
	p := countingRedis(t)
	s := &model.Service{Name: "cache", Rules: []model.Rule{{Probe: p, Metric: keyHits}}}
	var m Meter
	ask := func() model.Value {
		t.Helper()
		r := m.Run(t.Context(), s, p)
		mustPass(t, r)
		if got := r.Readings.Get("redis.used_memory").Number(); got != 7 || !r.Readings.Get(model.Latency).Present() {
			t.Errorf("readings %v", r.Readings)
		}
		return r.Readings.Get(keyHits)
	}
	if got := ask(); got.Present() {
		t.Errorf("a first look tells a rate of %v", got.Number())
	}
	m.back("cache", 10*time.Second)
	if got := ask().Number(); got <= 0 || got > 10 {
		t.Errorf("a rate of %v, want about 10", got)
	}
	m.Forget("cache")
	if len(m.services) != 0 {
		t.Errorf("still remembered: %v", m.services)
	}
	if got := ask(); got.Present() {
		t.Errorf("a first look after Forget tells a rate of %v", got.Number())
	}
}

// A configuration that is read again brings new probes; what was seen by the old ones is not kept.
func TestMeterKeepsOneLookForEachProbe(t *testing.T) {
	var m Meter
	for range 10 {
		p := &model.Probe{}
		s := &model.Service{Name: "cache", Rules: []model.Rule{{Probe: p, Metric: keyHits}}}
		m.note(s, p, numbers(keyHits, 1.0), time.Now())
	}
	if n := len(m.services["cache"]); n != 1 {
		t.Errorf("%d looks are kept", n)
	}
}

func TestMeterLeavesOtherProbesAlone(t *testing.T) {
	var m Meter
	p := serve(t, hangUp)
	r := m.Run(t.Context(), &model.Service{Name: "web", Rules: []model.Rule{{Probe: p, Metric: model.OK}}}, p)
	mustPass(t, r)
	if !r.Readings.Get(model.Latency).Present() || len(m.services) != 0 {
		t.Errorf("result %+v, remembered %v", r, m.services)
	}
	p.Protocol = "redis-status"
	mustFail(t, m.Run(t.Context(), &model.Service{Name: "web"}, p), "cannot speak redis-status")
}

func TestMeterIsSharedByGoroutines(t *testing.T) {
	p := countingRedis(t)
	var m Meter
	var all sync.WaitGroup
	for i := range 8 {
		s := &model.Service{Name: strconv.Itoa(i % 2), Rules: []model.Rule{{Probe: p, Metric: keyHits}}}
		all.Go(func() { m.Run(t.Context(), s, p) })
		all.Go(func() { m.Forget("0") })
	}
	all.Wait()
}

func TestWishes(t *testing.T) {
	p, other := &model.Probe{Params: model.Params{param("password", "x")}}, &model.Probe{}
	s := &model.Service{Rules: []model.Rule{
		{Probe: p, Metric: "mysql.Seconds_Behind_Master"},
		{Probe: p, Metric: model.OK},
		{Probe: other, Metric: "mysql.Threads_running"},
	}}
	q := withWishes(s, p)
	if !wants(q.Params, "mysql.Seconds_Behind_Master") || wants(q.Params, "mysql.Threads_running") || len(q.Params) != 2 || len(p.Params) != 1 {
		t.Errorf("%v is asked with %v", p.Params, q.Params)
	}
}

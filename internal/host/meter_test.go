package host

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	start := time.Unix(1000, 0)
	var m meter
	for _, step := range []struct {
		after   time.Duration
		count   float64
		present bool
		want    float64
	}{
		{0, 100, false, 0},
		{10 * time.Second, 200, true, 10},
		{10*time.Second + settle/2, 900, true, 10}, // too soon: the same again, and the base stays
		{20 * time.Second, 1200, true, 100},
		{30 * time.Second, 5, false, 0}, // the counter began anew
		{40 * time.Second, 15, true, 1},
		{35 * time.Second, 20, false, 0}, // the clock went back
		{45 * time.Second, 20, true, 0},
	} {
		v := m.perSecond(start.Add(step.after), step.count)
		if v.Present() != step.present || v.Number() != step.want {
			t.Errorf("after %v, count %v: %v (present %v), want %v", step.after, step.count, v.Number(), v.Present(), step.want)
		}
	}
}

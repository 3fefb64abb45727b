package daemon

import (
	"context"
	"errors"
	"time"

	"orderly/internal/model"
	"orderly/internal/probe"
)

// reach asks the targets by which it is known whether this host has a network, side by side, until enough have answered. An
// error means that they could not be asked.
func reach(ctx context.Context, c *model.Connectivity, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	results := make(chan model.Result, len(c.Targets))
	for i := range c.Targets {
		go func() { results <- probe.Run(ctx, &c.Targets[i]) }()
	}
	reached, unknown, why := 0, 0, ""
	for range c.Targets { // all are waited for, which is no time once there are enough
		switch r := <-results; {
		case r.OK:
			if reached++; reached >= c.Need {
				enough()
			}
		case r.Skipped:
			unknown, why = unknown+1, r.Summary
		}
	}
	if reached < c.Need && reached+unknown >= c.Need {
		return model.Sample{}, errors.New("cannot ask the reference targets: " + why)
	}
	sample := model.Sample{At: asOf, Bookmark: b}
	sample.Readings.Add(model.Reached, model.Num(float64(reached)))
	return sample, nil
}

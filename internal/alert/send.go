package alert

import (
	"context"
	"fmt"

	"orderly/internal/model"
)

// Send tells one recipient of one event, once, and returns what the other side said. It needs no daemon and leaves no trace.
func Send(ctx context.Context, m Means, c *model.Config, r model.Route, ev model.Event) (reply string, err error) {
	ch, known := channels[r.Channel]
	if !known {
		return "", fmt.Errorf("cannot tell anybody by %q: there is no such channel", r.Channel)
	}
	s := ch.open(m)
	defer s.rest()
	return s.send(ctx, c, parcel{r, []model.Event{ev}, ev.At})
}

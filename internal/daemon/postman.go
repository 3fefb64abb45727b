package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"orderly/internal/alert"
	"orderly/internal/model"
	site "orderly/internal/public"
)

// A postman takes letters of the status page to the servers that mail leaves through.
type postman struct {
	config atomic.Pointer[model.Config]
	bag    alert.Postman // of the goroutine that sends
}

// Ready answers site.Mail.
func (p *postman) Ready() bool {
	c := p.config.Load()
	return c != nil && len(c.Settings.Mail.Servers) > 0
}

// Send answers site.Mail.
func (p *postman) Send(ctx context.Context, l site.Letter) error {
	c := p.config.Load()
	if c == nil {
		return errors.New("cannot send mail: there is no configuration yet")
	}
	err := p.bag.Send(ctx, c, alert.Letter(l))
	if errors.Is(err, alert.ErrRefused) {
		return fmt.Errorf("%w: %w", site.ErrRefused, err)
	}
	return err
}

// Rest answers site.Mail.
func (p *postman) Rest() { p.bag.Rest() }

package ping

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/trust"
)

// How our own sign of life is given.
const (
	attempts     = 3
	attemptPause = 2 * time.Second
	sendPatience = 10 * time.Second // of connecting, asking and the answer together
	maxAnswer    = 4 << 10          // bytes of an answer that are read
	maxRedirects = 3
)

// SenderOptions are what a sender needs from outside. All are required.
type SenderOptions struct {
	Progress func(ctx context.Context) error // returns nil when orderly does what it is there for
	Report   func(text string)               // tells people that nobody else hears that we live, or does again
	Agent    string                          // what we call ourselves
	Log      *slog.Logger
}

// A Sender gives our own sign of life, so that somebody else notices when we are gone.
type Sender struct {
	SenderOptions
	change chan *model.HeartbeatOut // to Run; holds the last one
	pause  time.Duration            // between two attempts
}

// NewSender returns a sender. Run makes it work.
func NewSender(o SenderOptions) *Sender {
	return &Sender{o, make(chan *model.HeartbeatOut, 1), attemptPause}
}

// Configure says where to give signs of life; nil: nowhere. Calls must not overlap.
func (s *Sender) Configure(to *model.HeartbeatOut) {
	select {
	case <-s.change: // nobody saw it
	default:
	}
	s.change <- to
}

// Run gives signs of life until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	var to *model.HeartbeatOut
	tick := time.NewTimer(time.Hour)
	defer tick.Stop()
	lost := false
	for {
		select {
		case <-ctx.Done():
			return
		case next := <-s.change:
			if to != nil && next != nil && *to == *next {
				continue
			}
			if to, lost = next, false; to == nil {
				tick.Stop()
				continue
			}
			tick.Reset(0)
		case <-tick.C:
			if to == nil {
				continue
			}
			began := time.Now()
			lost = s.beat(ctx, to, lost)
			tick.Reset(max(0, to.Every-time.Since(began)))
		}
	}
}

// beat gives one sign of life, and tells whether nobody heard it. People are told of that once.
func (s *Sender) beat(ctx context.Context, to *model.HeartbeatOut, lost bool) bool {
	path := ""
	if err := s.progress(ctx); err != nil {
		s.Log.Error("no sign of life is given, because there is no progress", "err", err)
		if !to.Healthchecks || ctx.Err() != nil {
			return lost
		}
		path = "fail"
	}
	err := s.send(ctx, to.URL, path)
	switch {
	case ctx.Err() != nil:
		return lost
	case err != nil && !lost:
		s.Report(err.Error())
	case err == nil && lost:
		s.Log.Info("our sign of life is heard again")
	}
	return err != nil
}

func (s *Sender) progress(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	return s.Progress(ctx)
}

// send asks for the URL, or for a path below it, several times if need be. Its errors do not show the URL.
func (s *Sender) send(ctx context.Context, text, path string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("cannot give our sign of life: the URL cannot be read")
	}
	client, err := newClient(u)
	if err != nil {
		return fmt.Errorf("cannot give our sign of life to %s: %w", u.Host, err)
	}
	defer client.CloseIdleConnections()
	if path != "" {
		u = u.JoinPath(path)
	}
	for i := range attempts {
		if i > 0 && !pause(ctx, s.pause) {
			return ctx.Err()
		}
		if err = s.get(ctx, client, u.String()); err == nil {
			return nil
		}
	}
	return fmt.Errorf("cannot give our sign of life to %s: %w", u.Host, err)
}

func newClient(u *url.URL) (*http.Client, error) {
	transport := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 32 << 10}
	if u.Scheme == "https" {
		config, err := trust.Client(&model.TLS{Verify: true}, u.Hostname())
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = config
	}
	return &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
			return http.ErrUseLastResponse
		}
		return nil
	}}, nil
}

func (s *Sender) get(ctx context.Context, client *http.Client, target string) error {
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return errors.New("the URL cannot be asked for")
	}
	req.Header.Set("User-Agent", s.Agent)
	resp, err := client.Do(req)
	if err != nil {
		return errors.New(harmless(err, req.URL))
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("it answers %d", resp.StatusCode)
	}
	return nil
}

// harmless is why a URL cannot be asked for, without what is secret of the URL.
func harmless(err error, u *url.URL) string {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		err = failed.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %v", sendPatience)
	}
	text := model.Printable(err.Error(), 1000)
	for _, secret := range []string{u.EscapedPath(), u.Path, u.RawQuery} { // a server may say it back
		if len(secret) > 1 {
			text = strings.ReplaceAll(text, secret, "...")
		}
	}
	return model.Printable(strings.Join(strings.Fields(text), " "), 200)
}

// pause waits, and tells whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

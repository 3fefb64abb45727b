// Package client speaks to a running orderly through its control socket.
//
// It holds what travels over the socket and hides that it is HTTP. Entry point: [New]. When nobody can be
// reached, every method returns an [Unreachable] error that says why and what to do about it.
package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"time"

	"orderly/internal/model"
)

const (
	// patience bounds what orderly answers without doing anything.
	patience = 10 * time.Second
	// maxReply bounds a reply, maxEvent one line of a stream of events, in bytes.
	maxReply = 64 << 20
	maxEvent = 1 << 20
)

// A Client speaks to the orderly behind one socket. It is safe for concurrent use and holds no connection open.
type Client struct {
	socket string
	http   *http.Client
}

// New returns a client for a socket; it does not connect yet.
func New(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", socket)
		if err != nil {
			return nil, &dialError{err}
		}
		return conn, nil
	}
	return &Client{socket, &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// Version tells who answers.
func (c *Client) Version(ctx context.Context) (About, error) {
	var about About
	err := c.quick(ctx, PathVersion, nil, &about)
	return about, err
}

// Status tells everything known of the services; with q.Now it returns when they have been checked.
func (c *Client) Status(ctx context.Context, q StatusQuery) (model.HostStatus, error) {
	var status model.HostStatus
	if q.Now {
		err := c.slow(ctx, http.MethodGet, PathStatus, q.Values(), nil, &status)
		return status, err
	}
	err := c.quick(ctx, PathStatus, q.Values(), &status)
	return status, err
}

// Do has a command carried out and returns when it is done, with one outcome for each service it concerned.
// Cancelling ctx stops the waiting and, where possible, what was waited for.
func (c *Client) Do(ctx context.Context, cmd model.Command) ([]model.Outcome, error) {
	var reply DoReply
	err := c.slow(ctx, http.MethodPost, PathDo, nil, cmd, &reply)
	return reply.Outcomes, err
}

// Ask has a command carried out and returns as soon as that is sure: it is on disk, and outlives a crash of orderly.
func (c *Client) Ask(ctx context.Context, cmd model.Command) error {
	return c.slow(ctx, http.MethodPost, PathDo, url.Values{"wait": {"0"}}, cmd, new(DoReply))
}

// Monit returns what the daemon has to say in the words of Monit, with the colours and boxes of a terminal.
func (c *Client) Monit(ctx context.Context, q MonitQuery) (string, error) {
	var reply MonitReply
	err := c.quick(ctx, PathMonit, q.Values(), &reply)
	return reply.Text, err
}

// Reload has the configuration read again and returns when it is live or refused.
func (c *Client) Reload(ctx context.Context) (ReloadReply, error) {
	var reply ReloadReply
	err := c.slow(ctx, http.MethodPost, PathReload, nil, struct{}{}, &reply)
	return reply, err
}

// Events returns the journal, oldest first. The sequence ends after the last event or, with q.Follow, when ctx
// is cancelled; an error is its last element.
func (c *Client) Events(ctx context.Context, q EventQuery) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		if _, err := c.Version(ctx); err != nil {
			yield(model.Event{}, err)
			return
		}
		resp, err := c.send(ctx, http.MethodGet, PathEvents, q.Values(), nil)
		if err != nil {
			yield(model.Event{}, err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, maxEvent)
		for lines.Scan() {
			ev, err := decodeEvent(lines.Bytes())
			if !yield(ev, err) || err != nil {
				return
			}
		}
		switch err := lines.Err(); {
		case ctx.Err() != nil:
		case err != nil:
			yield(model.Event{}, c.broken(err))
		case q.Follow:
			yield(model.Event{}, c.broken(io.ErrUnexpectedEOF))
		}
	}
}

func decodeEvent(line []byte) (model.Event, error) {
	var entry struct {
		model.Event
		Failure
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return model.Event{}, fmt.Errorf("cannot read an event: %w", err)
	}
	if entry.Error != "" {
		return model.Event{}, errors.New(entry.Error)
	}
	return entry.Event, nil
}

// quick gets what is there already, so silence means that nobody is there.
func (c *Client) quick(ctx context.Context, path string, q url.Values, into any) error {
	asked, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.call(asked, http.MethodGet, path, q, nil, into)
	if asked.Err() != nil && ctx.Err() == nil {
		return c.silent()
	}
	return err
}

// slow asks for something that takes as long as it takes. It first makes sure that somebody is there, because
// a process that hangs accepts connections as well.
func (c *Client) slow(ctx context.Context, method, path string, q url.Values, body, into any) error {
	if _, err := c.Version(ctx); err != nil {
		return err
	}
	return c.call(ctx, method, path, q, body, into)
}

func (c *Client) call(ctx context.Context, method, path string, q url.Values, body, into any) error {
	resp, err := c.send(ctx, method, path, q, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return c.failed(ctx, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("cannot read the reply of orderly at %s: %w", c.socket, err)
	}
	return nil
}

// send returns a reply whose status is a success, or 422: a refusal that has something to say.
func (c *Client) send(ctx context.Context, method, path string, q url.Values, body any) (*http.Response, error) {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("cannot encode the request: %w", err)
		}
		payload = bytes.NewReader(text)
	}
	target := url.URL{Scheme: "http", Host: "localhost", Path: path, RawQuery: q.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), payload)
	if err != nil {
		return nil, fmt.Errorf("cannot make the request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	if resp.StatusCode < 300 || resp.StatusCode == http.StatusUnprocessableEntity {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	return nil, refusal(resp)
}

func refusal(resp *http.Response) error {
	var f Failure
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil || json.Unmarshal(text, &f) != nil || f.Error == "" {
		return fmt.Errorf("orderly refused the request: %s", resp.Status)
	}
	return errors.New(f.Error)
}

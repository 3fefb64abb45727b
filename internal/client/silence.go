package client

import (
	"context"
	"net/http"
	"net/url"

	"orderly/internal/model"
)

// Silences lists the silences in force.
func (c *Client) Silences(ctx context.Context) ([]model.Silence, error) {
	var reply SilencesReply
	err := c.quick(ctx, PathSilences, nil, &reply)
	return reply.Silences, err
}

// Silence begins a silence, or changes the one of its ID, and returns it when it is in force and on disk.
func (c *Client) Silence(ctx context.Context, s model.Silence) (model.Silence, error) {
	var reply model.Silence
	err := c.slow(ctx, http.MethodPost, PathSilences, nil, s, &reply)
	return reply, err
}

// EndSilence ends a silence and returns when that is on disk.
func (c *Client) EndSilence(ctx context.Context, id string) error {
	return c.slow(ctx, http.MethodDelete, PathSilences+"/"+url.PathEscape(id), nil, nil, new(struct{}))
}

// Acknowledge notes that somebody looks after services that fail, and returns when that is on disk.
func (c *Client) Acknowledge(ctx context.Context, cmd model.Command, by string) ([]model.Outcome, error) {
	var reply DoReply
	err := c.slow(ctx, http.MethodPost, PathAcknowledge, url.Values{"by": {by}}, cmd, &reply)
	return reply.Outcomes, err
}

// Beat tells how a heartbeat goes and returns when that is on disk. The zero Signal is a success.
func (c *Client) Beat(ctx context.Context, name string, sig model.Signal) error {
	return c.slow(ctx, http.MethodPost, PathBeat, nil, BeatRequest{name, sig}, new(struct{}))
}

// Reached tells of destinations of alerts that took a test message.
func (c *Client) Reached(ctx context.Context, all []model.Destination) error {
	return c.slow(ctx, http.MethodPost, PathReached, nil, ReachedRequest{all}, new(struct{}))
}

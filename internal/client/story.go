package client

import (
	"context"
	"net/http"
	"net/url"

	"orderly/internal/story"
)

// PathWhy is the route that tells why a service is as it is.
const PathWhy = "/v1/why"

// Why tells why a service is as it is. The name is compared without regard to letter case.
func (c *Client) Why(ctx context.Context, service string) (story.Story, error) {
	var reply story.Story
	err := c.slow(ctx, http.MethodGet, PathWhy, url.Values{"service": {service}}, nil, &reply)
	return reply, err
}

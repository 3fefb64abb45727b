package inspeqtor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

const (
	askTime  = 3 * time.Second // for a program to tell of itself
	maxAsked = 1 << 20         // bytes of what it tells
)

// exposed is the service that a request is about, if that may be looked into; if not, that was answered.
func (s *Server) exposed(w http.ResponseWriter, r *http.Request) (*block, bool) {
	b, ok := s.service(w, r)
	if ok && b.expose == nil {
		http.Error(w, "the service exposes nothing", http.StatusNotFound)
		return nil, false
	}
	return b, ok
}

// memstatsPage answers /memstats.json: what the program of a service says of itself.
func (s *Server) memstatsPage(w http.ResponseWriter, r *http.Request) {
	b, ok := s.exposed(w, r)
	if !ok {
		return
	}
	body, err := ask(r.Context(), b.expose)
	if err != nil {
		http.Error(w, "the service does not tell", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// ask gets the variables of a program that is written in Go: a JSON document of bounded size.
func ask(ctx context.Context, p *model.Probe) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	path, query, _ := strings.Cut(cmp.Or(p.Params.Get("request"), "/debug/vars"), "?")
	from := url.URL{Scheme: "http", Host: net.JoinHostPort(cmp.Or(p.Host, "localhost"), strconv.Itoa(p.Port)), Path: path, RawQuery: query}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("cannot ask for variables: %w", err)
	}
	client := http.Client{
		Transport: &http.Transport{DialContext: dialer(p), DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // only what the configuration names is asked
		},
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("cannot ask for variables: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAsked+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read variables: %w", err)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("cannot read variables: the answer has status %d", answer.StatusCode)
	case len(body) > maxAsked:
		return nil, fmt.Errorf("cannot read variables: they have more than %d bytes", maxAsked)
	case !json.Valid(body):
		return nil, errors.New("cannot read variables: they are no JSON")
	}
	return body, nil
}

// dialer leads to the program, whatever the address of a request is.
func dialer(p *model.Probe) func(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if p.Kind != model.ProbeSocket {
		return d.DialContext
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", p.Path) }
}

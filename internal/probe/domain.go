package probe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

// How registries are asked when a domain ends, by RDAP.
const (
	bootstrap     = "https://data.iana.org/rdap/dns.json" // tells which server knows the domains under which name
	bootstrapGood = 24 * time.Hour
	answerGood    = 12 * time.Hour // and up to an eighth more, so that not all are asked at once
	askedInVain   = time.Hour      // likewise
	patienceWith  = 72 * time.Hour // with servers that do not answer
	askingTime    = 20 * time.Second
	maxAnswer     = 1 << 20 // bytes
	maxRedirects  = 3
)

// A registry remembers when domains end, and asks again in time. Its zero value is ready, and may be used by many goroutines.
type registry struct {
	transport http.RoundTripper // nil: sparing

	mu      sync.Mutex
	domains map[string]*registration

	asking  sync.Mutex // guards the rest; held while it is asked for
	servers map[string]string
	asOf    time.Time
}

// A registration is what is known of a domain.
type registration struct {
	mu    sync.Mutex // held while it is asked for
	end   time.Time  // zero: not known
	since time.Time  // of the last answer, or since when there is none
	next  time.Time  // to ask again
	err   error      // why the last answer told nothing
}

// sparing asks seldom, and keeps nothing in between.
var sparing http.RoundTripper = &http.Transport{
	Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
}

// look tells what is left of a domain, asking the registry when that is due.
func (g *registry) look(ctx context.Context, p *model.Probe) model.Result {
	r := g.of(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	if !now.Before(r.next) {
		within, cancel := context.WithTimeout(ctx, askingTime)
		end, err := g.ask(within, p)
		cancel()
		if ctx.Err() != nil {
			return model.Result{Skipped: true, Summary: "the check was cancelled"}
		}
		r.note(end, err, now)
	}
	return r.result(p.Host, now)
}

func (g *registry) of(p *model.Probe) *registration {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := p.Host + " " + p.Params.Get("rdap")
	if g.domains == nil {
		g.domains = map[string]*registration{}
	}
	if g.domains[key] == nil {
		g.domains[key] = &registration{}
	}
	return g.domains[key]
}

// note remembers an answer.
func (r *registration) note(end time.Time, err error, now time.Time) {
	pause := answerGood
	r.err = err
	if _, answered := errors.AsType[verdict](err); answered || err == nil {
		r.end, r.since = end, now
	} else {
		pause = askedInVain
	}
	r.next = now.Add(pause + rand.N(pause/8))
}

func (r *registration) result(domain string, now time.Time) model.Result {
	out := model.Result{OK: true, Summary: "the registry tells when " + domain + " ends", About: "domain " + domain}
	if !r.end.IsZero() {
		out.Readings.Add(model.Registration, model.Num(r.end.Sub(now).Hours()/24))
	}
	if r.err == nil {
		return out
	}
	_, answered := errors.AsType[verdict](r.err)
	out.Summary, out.OK = r.err.Error(), !answered && now.Sub(r.since) < patienceWith
	if out.OK && r.end.IsZero() {
		return model.Result{Skipped: true, Summary: out.Summary}
	}
	return out
}

// ask asks the registry once. An error that is a verdict is its answer.
func (g *registry) ask(ctx context.Context, p *model.Probe) (time.Time, error) {
	server := p.Params.Get("rdap")
	if server == "" {
		var err error
		if server, err = g.server(ctx, p.Host); err != nil {
			return time.Time{}, err
		}
	}
	text, err := g.fetch(ctx, strings.TrimSuffix(server, "/")+"/domain/"+url.PathEscape(p.Host))
	if err == errUnknown {
		return time.Time{}, verdictf("%s is not registered: %s does not know it", p.Host, server)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot ask %s when %s ends: %w", server, p.Host, err)
	}
	return expiration(text, p.Host)
}

// server finds who knows the domains that end like this one.
func (g *registry) server(ctx context.Context, domain string) (string, error) {
	g.asking.Lock()
	defer g.asking.Unlock()
	if now := time.Now(); g.servers == nil || now.Sub(g.asOf) >= bootstrapGood {
		servers, err := g.list(ctx)
		switch {
		case err == nil:
			g.servers, g.asOf = servers, now
		case g.servers == nil:
			return "", fmt.Errorf("cannot read which registry knows %s: %w", domain, err)
		}
	}
	last := strings.ToLower(domain[strings.LastIndexByte(domain, '.')+1:])
	if g.servers[last] == "" {
		return "", verdictf("no registry of .%s can be asked by RDAP", last)
	}
	return g.servers[last], nil
}

func (g *registry) list(ctx context.Context) (map[string]string, error) {
	text, err := g.fetch(ctx, bootstrap)
	if err != nil {
		return nil, err
	}
	return registries(text)
}

// errUnknown is the answer that there is nothing at an address.
var errUnknown = errors.New("HTTP status 404")

// fetch reads a page, which must be small. What is asked with TLS is not sent to where there is none.
func (g *registry) fetch(ctx context.Context, page string) ([]byte, error) {
	client := http.Client{Transport: cmp.Or(g.transport, sparing), CheckRedirect: func(to *http.Request, via []*http.Request) error {
		switch {
		case len(via) > maxRedirects:
			return fmt.Errorf("it leads on more than %d times", maxRedirects)
		case to.URL.Scheme != "https" && via[0].URL.Scheme == "https":
			return errors.New("it leads to where there is no TLS")
		}
		return nil
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/rdap+json, application/json")
	resp, err := client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the address is in the message already
		}
		return nil, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, errUnknown
	default:
		return nil, fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		return nil, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	return text, err
}

// registries reads the list of servers by the names that domains end with. Of several the first with TLS is taken.
func registries(text []byte) (map[string]string, error) {
	var list struct{ Services [][][]string }
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("the list of registries is not as it should be: %w", err)
	}
	servers := map[string]string{}
	for _, s := range list.Services {
		if len(s) < 2 {
			continue
		}
		for _, server := range s[1] {
			if !strings.HasPrefix(server, "https://") {
				continue
			}
			for _, name := range s[0] {
				servers[strings.ToLower(name)] = server
			}
			break
		}
	}
	return servers, nil
}

// expiration reads when a domain ends from what its registry says of it.
func expiration(text []byte, domain string) (time.Time, error) {
	var answer struct {
		LDHName string
		Events  []struct{ EventAction, EventDate string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return time.Time{}, fmt.Errorf("what the registry says of %s is not as it should be: %w", domain, err)
	}
	if name := strings.TrimSuffix(answer.LDHName, "."); !strings.EqualFold(name, domain) {
		return time.Time{}, fmt.Errorf("asked for %s, the registry tells of %q", domain, model.Printable(name, 100))
	}
	for _, e := range answer.Events {
		if e.EventAction != "expiration" {
			continue
		}
		end, err := time.Parse(time.RFC3339, e.EventDate)
		if err != nil {
			return time.Time{}, fmt.Errorf("the registry says that %s ends %q, which is no time", domain, model.Printable(e.EventDate, 100))
		}
		return end, nil
	}
	return time.Time{}, verdictf("the registry does not tell when %s ends", domain)
}

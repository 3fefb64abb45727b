package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"orderly/internal/model"
)

func init() {
	channels["shoutrrr"] = channel{
		open: func(Means) sender { return &shouter{} }, where: []string{"url"}, check: checkShout, hosts: shoutHosts, fits: shoutFits, gather: gatherFor,
	}
	usual := http.DefaultTransport.(*http.Transport).Clone()
	usual.DialContext = hosts.dial
	http.DefaultTransport = bounded{usual} // nobody else uses it
}

const (
	shoutTimeout = 30 * time.Second // of one message
	shoutLimit   = 1900             // characters of a message where nothing else is known
	evidenceKept = 500              // characters of evidence that go along with a message
)

// shoutLimits are the characters that services take, where that is not [shoutLimit].
var shoutLimits = map[string]int{
	"telegram": 4000, "ntfy": 3800, "pushover": 1000, "slack": 3000, "teams": 8000, "matrix": 16000, "mattermost": 8000,
	"rocketchat": 4500, "zulip": 8000, "gotify": 8000, "googlechat": 4000, "hangouts": 4000, "smtp": 32000, "generic": 8000, "logger": 8000,
}

// shouter tells people by a service that the library shoutrrr knows, and that a URL names. The library has no deadlines
// of its own for some services. So a message is sent beside; the next one is not before it has returned.
type shouter struct {
	busy chan struct{} // closed when the last message has returned, however late; nil: there was none
}

func (*shouter) rest() {}

func (s *shouter) send(ctx context.Context, c *model.Config, p parcel) (string, error) {
	to := p.route.Params.Get("url")
	if err := readable(to); err != nil {
		return "", fmt.Errorf("%w: %w", errNoWay, err)
	}
	name := shoutScheme(to)
	ctx, cancel := context.WithTimeout(ctx, shoutTimeout)
	defer cancel()
	if s.busy != nil {
		select {
		case <-s.busy:
		case <-ctx.Done():
			return "", fmt.Errorf("%s has not answered yet", name)
		}
	}
	text, result, busy := shoutText(c, p), make(chan error, 1), make(chan struct{})
	s.busy = busy
	go func() {
		defer close(busy)
		result <- shout(to, text)
	}()
	select {
	case err := <-result:
		if err != nil {
			return "", private(to, err)
		}
		return name + " has taken it", nil
	case <-ctx.Done():
		return "", fmt.Errorf("%s does not answer: %w", name, context.Cause(ctx))
	}
}

// shout sends by the library. A panic in there is an error.
func shout(to, text string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the message could not be made")
		}
	}()
	service, err := locate(to)
	if err != nil {
		return err
	}
	return service.Send(text, &types.Params{})
}

// urlInText finds what must not be shown of an error: paths and queries of services hold tokens.
var urlInText = regexp.MustCompile(`([a-z][a-z0-9+]*://)[^\s"]*`)

// private is an error of a service less what is secret of its URL.
func private(to string, err error) error {
	text := urlInText.ReplaceAllString(err.Error(), "$1***")
	return masked{err, "cannot tell " + shoutScheme(to) + ": " + harmless(text, mask(urlSecrets(to)...))}
}

// urlSecrets are the parts of a URL that may be secret: all but words of the language of URLs. Services put tokens
// wherever there is room, some as the host.
func urlSecrets(text string) []string {
	secrets := []string{text}
	if plain, err := url.PathUnescape(text); err == nil {
		secrets = append(secrets, plain)
	}
	for _, each := range slices.Clone(secrets) {
		_, rest, _ := strings.Cut(each, "://")
		for _, by := range []string{"/:@?&=#", "/:@?&=#-.,+%"} {
			for _, part := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(by, r) }) {
				if len(part) >= pathSecret {
					secrets = append(secrets, part)
				}
			}
		}
	}
	return secrets
}

// readable tells what is wrong with a URL, and asks nobody. The errors of the library show the URL, so that they are
// not passed on.
func readable(text string) (err error) {
	scheme := shoutScheme(text)
	switch {
	case text == "":
		return errors.New("no url is set")
	case !strings.Contains(text, "://"):
		return errors.New("the url cannot be read: it begins with the name of a service, as in ntfy://HOST/TOPIC")
	case scheme == "matrix": // whose service logs in as soon as it is made
		if u, err := url.Parse(text); err != nil || (&matrix.Config{}).SetURL(u) != nil {
			return errors.New("the url of matrix cannot be read")
		}
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the url of %s cannot be read", scheme)
		}
	}()
	_, err = locate(text)
	switch {
	case errors.Is(err, router.ErrUnknownService):
		return fmt.Errorf("no service is called %q", oneLine(scheme, 20))
	case err != nil:
		return fmt.Errorf("the url of %s cannot be read", scheme)
	}
	return nil
}

// locate makes the service of a URL.
func locate(text string) (types.Service, error) {
	r, err := router.New(log.New(io.Discard, "", 0))
	if err != nil {
		return nil, err
	}
	service, err := r.Locate(withPort(text))
	if err != nil {
		return nil, err
	}
	bind(service)
	return service, nil
}

// withPort adds the port to a URL of PagerDuty, which the library takes for 0 where none is given.
func withPort(text string) string {
	u, err := url.Parse(text)
	if err != nil || shoutScheme(text) != "pagerduty" || u.Port() != "" {
		return text
	}
	u.Host = cmp.Or(u.Hostname(), "events.pagerduty.com") + ":443"
	return u.String()
}

// shoutScheme is the name of the service in a URL.
func shoutScheme(text string) string {
	scheme, _, _ := strings.Cut(text, ":")
	scheme, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	return scheme
}

// shoutText words a parcel. What was seen goes along with a single event: there is room for it.
func shoutText(c *model.Config, p parcel) string {
	limit := shoutSize(p.route)
	text := p.text(c, limit)
	if seen := strings.TrimSpace(p.events[0].Evidence); len(p.events) == 1 && p.route.Text == "" && seen != "" {
		text = cut(text+"\n"+cut(seen, evidenceKept), limit)
	}
	if found := p.diagnosis(); found != "" && p.route.Text == "" {
		text = cut(text+"\n\n"+found, limit)
	}
	return text
}

func shoutFits(c *model.Config, p parcel) int { return fitting(shoutSize(p.route))(c, p) }

func shoutSize(r model.Route) int {
	return cmp.Or(shoutLimits[shoutScheme(r.Params.Get("url"))], shoutLimit)
}

func checkShout(r model.Route) error {
	if err := readable(r.Params.Get("url")); err != nil {
		return err
	}
	return checkText(r)
}

// shoutHost are the hosts of services whose URLs do not name it.
var shoutHost = map[string]string{
	"discord": "discord.com", "telegram": "api.telegram.org", "slack": "hooks.slack.com", "pushover": "api.pushover.net",
	"pushbullet": "api.pushbullet.com", "ifttt": "maker.ifttt.com", "join": "joinjoaomgcd.appspot.com", "wecom": "qyapi.weixin.qq.com",
	"notifiarr": "notifiarr.com", "logger": "",
}

func shoutHosts(c *model.Config, r model.Route) []string {
	service := shoutScheme(r.Params.Get("url"))
	if host, known := shoutHost[service]; known {
		return []string{host}
	}
	if to, err := url.Parse(r.Params.Get("url")); err == nil && service == "teams" {
		return []string{to.Query().Get("host")}
	}
	return urlHost(c, r)
}

// urlHost is the host of the URL of a route.
func urlHost(_ *model.Config, r model.Route) []string {
	if to, err := url.Parse(r.Params.Get("url")); err == nil {
		return []string{to.Hostname()}
	}
	return nil
}

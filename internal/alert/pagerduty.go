package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/notice"
)

func init() { channels["pagerduty"] = posted(pagerdutyRequest, "url", "token") }

// What PagerDuty takes, in characters.
const (
	pagerSummary = 1024
	pagerKey     = 255
)

type pagerdutyEvent struct {
	RoutingKey string            `json:"routing_key"`
	Action     string            `json:"event_action"`
	DedupKey   string            `json:"dedup_key"`
	Client     string            `json:"client"`
	Payload    *pagerdutyPayload `json:"payload,omitempty"`
}

type pagerdutyPayload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"`
	Timestamp string         `json:"timestamp"`
	Component string         `json:"component,omitempty"`
	Class     string         `json:"class,omitempty"`
	Details   map[string]any `json:"custom_details,omitempty"`
}

// pagerdutyRequest opens and resolves incidents, by the second version of PagerDuty's events. What nobody has to do
// anything about is resolved from the start, so that it wakes nobody and opens nothing. Parameters: token, the
// integration key; and url.
func pagerdutyRequest(c *model.Config, p parcel) (request, error) {
	r, ev := p.route, p.events[0]
	if r.Params.Get("token") == "" {
		return request{}, errors.New("no token is set: the integration key")
	}
	out := pagerdutyEvent{RoutingKey: r.Params.Get("token"), Action: "resolve", DedupKey: incidentKey(hostOf(c, ev), ev), Client: "orderly"}
	if alarming(ev) || ev.Kind == model.EventChanged || ev.Seq == 0 {
		n := notice.Of(r, ev)
		out.Action = "trigger"
		out.Payload = &pagerdutyPayload{
			Summary: p.text(c, pagerSummary), Source: hostOf(c, ev), Severity: severity(ev), Timestamp: ev.At.UTC().Format(time.RFC3339),
			Component: ev.Service, Class: string(ev.Topic), Details: map[string]any{"rule": ev.Rule, "text": ev.Text},
		}
		if n.AlertCount > 0 {
			out.Payload.Details["notices"], out.Payload.Details["failures"] = n.AlertCount, n.FailureCount
		}
		if ev.Evidence != "" {
			out.Payload.Details["evidence"] = ev.Evidence
		}
	}
	body, err := json.Marshal(out)
	return request{url: cmp.Or(r.Params.Get("url"), "https://events.pagerduty.com/v2/enqueue"), kind: "application/json", body: body}, err
}

// severity is how bad an event is, in PagerDuty's words.
func severity(ev model.Event) string {
	switch {
	case ev.Kind == model.EventFlapping || ev.Kind == model.EventChanged:
		return "warning"
	case alarming(ev):
		return "critical"
	}
	return "info"
}

// incidentKey is the same while a rule fails and when it recovers, and while it flaps until it is steady.
func incidentKey(host string, ev model.Event) string {
	what := ev.Rule
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing, model.EventRecovered:
	case model.EventFlapping, model.EventSteady:
		what += "/flapping"
	default:
		what = identity(host, ev)
	}
	key := strings.Join([]string{"orderly", host, ev.Service, what}, "/")
	if len(key) > pagerKey {
		sum := sha256.Sum256([]byte(key))
		return "orderly/" + hex.EncodeToString(sum[:])
	}
	return key
}

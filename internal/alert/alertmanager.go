package alert

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/notice"
)

func init() {
	ch := posted(alertmanagerRequest, "url")
	ch.fits = func(_ *model.Config, p parcel) int { return min(len(p.events), alertsAtOnce) }
	channels["alertmanager"] = ch
}

// Alertmanager forgets an alert that nobody repeats, unless it is told an end. Ours ends when it has recovered; should
// that never be told, after a month. What has no end by itself, as a change, is over soon.
const (
	alertsPath   = "/api/v2/alerts"
	alertsAtOnce = 100
	alertLasts   = 30 * 24 * time.Hour
	momentLasts  = 5 * time.Minute
)

type alertmanagerAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// alertmanagerRequest hands events to Prometheus' Alertmanager. Parameters: url, header, username, password, cafile.
func alertmanagerRequest(c *model.Config, p parcel) (request, error) {
	var alerts []alertmanagerAlert
	for _, ev := range p.events {
		alerts = append(alerts, alertmanagerOf(c, p.route, ev))
	}
	body, err := json.Marshal(alerts)
	if err != nil {
		return request{}, err
	}
	req := request{
		url: strings.TrimSuffix(p.route.Params.Get("url"), "/"), kind: "application/json", header: http.Header{}, body: body,
		username: p.route.Params.Get("username"), password: p.route.Params.Get("password"),
	}
	if req.url != "" && !strings.HasSuffix(req.url, alertsPath) {
		req.url += alertsPath
	}
	return req, addHeaders(req.header, p.route.Params)
}

// alertmanagerOf is an event as an alert. Its labels are the same when it fails and when it recovers.
func alertmanagerOf(c *model.Config, r model.Route, ev model.Event) alertmanagerAlert {
	n := notice.Of(r, ev)
	a := alertmanagerAlert{
		Labels: map[string]string{
			"alertname": cmp.Or(string(ev.Topic), string(ev.Kind)), "instance": hostOf(c, ev), "job": "orderly",
		},
		Annotations: map[string]string{"summary": line(c, r, ev), "description": ev.Text},
		StartsAt:    ev.At,
	}
	for name, value := range map[string]string{"service": ev.Service, "rule": ev.Rule} {
		if value != "" {
			a.Labels[name] = value
		}
	}
	if ev.Evidence != "" {
		a.Annotations["evidence"] = ev.Evidence
	}
	if !n.Since.IsZero() {
		a.StartsAt = n.Since
	}
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing:
		a.EndsAt = ev.At.Add(alertLasts)
	case model.EventRecovered:
		a.EndsAt = ev.At
	default:
		a.EndsAt = ev.At.Add(momentLasts)
	}
	return a
}

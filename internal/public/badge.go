package public

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// badgeColors are dark enough for white text on them.
var badgeColors = map[status.Health]string{
	status.Operational: "#1a7f4b", status.Degraded: "#8f5f00", status.Partial: "#b1460b", status.Major: "#bd1d33",
	status.Unknown: "#5f6570", status.Maintenance: "#3a56a8",
}

// A badge is a small picture with a label and a message.
type badge struct{ label, message, color string }

// shield makes the badge of a component under the address that Cachet has (P-150).
func (s *Site) shield(v *visit) (*reply, error) {
	c, err := v.componentOf("id")
	if err != nil {
		return nil, err
	}
	return v.picture(v.healthBadge(c.Name, c.Health))
}

func (v *visit) healthBadge(label string, h status.Health) badge {
	return badge{label, v.lang.T(healthKeys[h]), badgeColors[h]}
}

// overallBadge makes the badge of everything: status.svg, or status.json for shields.io.
func (s *Site) overallBadge(v *visit) (*reply, error) {
	b := v.healthBadge(v.title(), v.view.Summary(v.guest, v.now).Worst)
	if v.view.Summary(v.guest, v.now).Total == 0 {
		b = v.healthBadge(v.title(), status.Unknown)
	}
	switch v.values["badge"] {
	case "status.svg":
		return v.picture(b)
	case "status.json":
		return v.endpoint(b)
	}
	return nil, errNowhere
}

// componentBadge makes a badge of a component: its status, uptime, latency or certificate, as a picture or for shields.io.
func (s *Site) componentBadge(v *visit) (*reply, error) {
	c, err := v.componentOf("id")
	if err != nil {
		return nil, err
	}
	what, kind, _ := strings.Cut(v.values["badge"], ".")
	var b badge
	switch what {
	case "status":
		b = v.healthBadge(c.Name, c.Health)
	case "uptime":
		b, err = v.uptimeBadge(c)
	case "latency":
		b, err = v.latencyBadge(c)
	case "certificate":
		b, err = v.certificateBadge(c)
	default:
		return nil, errNowhere
	}
	switch {
	case err != nil:
		return nil, err
	case kind == "svg":
		return v.picture(b)
	case kind == "json":
		return v.endpoint(b)
	}
	return nil, errNowhere
}

// uptimeBadge tells of the last 30 days, or of 1, 7, 90 or 365.
func (v *visit) uptimeBadge(c *status.Component) (badge, error) {
	days, known := map[string]int{"": 30, "1": 1, "7": 7, "30": 30, "90": 90, "365": 365}[v.asked.Get("days")]
	if !known {
		return badge{}, errNowhere
	}
	b := badge{c.Name, v.lang.T("day.none"), badgeColors[status.Unknown]}
	t := v.tally(c, v.now.Add(-time.Duration(days)*24*time.Hour), v.now)
	up, measured := t.Uptime()
	if measured {
		b.message = v.lang.percent(up)
		b.color = badgeColors[healthOfShare(up)]
	}
	return b, nil
}

func healthOfShare(up float64) status.Health {
	switch {
	case up >= 0.999:
		return status.Operational
	case up >= 0.99:
		return status.Degraded
	case up >= 0.95:
		return status.Partial
	}
	return status.Major
}

// latencyBadge tells how fast a component answers, where that is shown to the visitor.
func (v *visit) latencyBadge(c *status.Component) (badge, error) {
	m := v.measuring(c)
	if m == nil {
		return badge{}, errNowhere
	}
	dots, err := v.dots(m, v.now.Add(-time.Hour), v.now, 60)
	if err != nil {
		return badge{}, err
	}
	if len(dots) == 0 {
		return badge{c.Name, v.lang.T("day.none"), badgeColors[status.Unknown]}, nil
	}
	last := dots[len(dots)-1].value
	return badge{c.Name, strings.TrimSpace(v.lang.number(last, m.Places) + " " + m.Suffix), badgeColors[status.Maintenance]}, nil
}

// measuring is the metric of a component's own checks that the visitor sees; nil: there is none.
func (v *visit) measuring(c *status.Component) *status.Metric {
	for _, m := range v.view.Metrics {
		if m.Service != "" && v.view.ComponentOf(m.Service) == c && v.seesMetric(m) {
			return m
		}
	}
	return nil
}

// certificateBadge tells for how many days the certificate of a component is good, or the one of several that ends first. It
// is shown to whom its latency is shown.
func (v *visit) certificateBadge(c *status.Component) (badge, error) {
	if v.measuring(c) == nil {
		return badge{}, errNowhere
	}
	left, known, err := v.certificate(c)
	switch {
	case err != nil:
		return badge{}, err
	case !known:
		return badge{c.Name, v.lang.T("day.none"), badgeColors[status.Unknown]}, nil
	}
	return badge{c.Name, v.lang.T("unit.d", "n", int(math.Floor(left))), badgeColors[healthOfCertificate(left)]}, nil
}

// certificate is for how many days a certificate was good when it was last looked at, within a day.
func (v *visit) certificate(c *status.Component) (left float64, known bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), readPatience)
	defer cancel()
	for _, k := range c.Checks {
		all, err := v.site.Past.Series(ctx, k.Service)
		if err != nil {
			return 0, false, fmt.Errorf("cannot read what is measured: %w", err)
		}
		for _, s := range all {
			if s.Metric != model.Certificate {
				continue
			}
			points, err := v.site.Past.Graph(ctx, s, v.now.Add(-24*time.Hour), v.now.Add(time.Minute), 96)
			if err != nil {
				return 0, false, fmt.Errorf("cannot read what is left of a certificate: %w", err)
			}
			if n := len(points); n > 0 && (!known || points[n-1].Low < left) {
				left, known = points[n-1].Low, true
			}
		}
	}
	return left, known, nil
}

func healthOfCertificate(days float64) status.Health {
	switch {
	case days >= 30:
		return status.Operational
	case days >= 14:
		return status.Degraded
	case days >= 7:
		return status.Partial
	}
	return status.Major
}

// endpoint is a badge as shields.io asks for it.
func (v *visit) endpoint(b badge) (*reply, error) {
	return encoded("application/json; charset=utf-8", struct {
		Version int    `json:"schemaVersion"`
		Label   string `json:"label"`
		Message string `json:"message"`
		Color   string `json:"color"`
		Seconds int    `json:"cacheSeconds"`
	}{1, b.label, b.message, b.color, 60})
}

// A badgeStyle is what a badge looks like.
type badgeStyle struct {
	height, radius, size, pad int
	upper, gloss              bool
}

var badgeStyles = map[string]badgeStyle{
	"flat":          {height: 20, radius: 3, size: 11, pad: 6, gloss: true},
	"flat-square":   {height: 20, size: 11, pad: 6},
	"plastic":       {height: 18, radius: 4, size: 11, pad: 6, gloss: true},
	"for-the-badge": {height: 28, size: 11, pad: 12, upper: true},
}

// picturePolicy is what a picture of ours may do when it is looked at by itself.
const picturePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'; sandbox"

// picture draws a badge. A style that is not known is the usual one, as with other badges.
func (v *visit) picture(b badge) (*reply, error) {
	style, known := badgeStyles[v.asked.Get("style")]
	if !known {
		style = badgeStyles["flat"]
	}
	b.label = cmp.Or(v.asked.Get("label"), b.label)
	r := newReply("image/svg+xml; charset=utf-8", []byte(b.draw(style)))
	r.policy = picturePolicy
	return r, nil
}

func (b badge) draw(s badgeStyle) string {
	label, message := plain(b.label), plain(b.message)
	if s.upper {
		label, message = strings.ToUpper(label), strings.ToUpper(message)
	}
	left, right := width(label, s)+2*s.pad, width(message, s)+2*s.pad
	all := left + right
	var out strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img" aria-label="%s: %s"><title>%s: %s</title>`,
		all, s.height, esc(label), esc(message), esc(label), esc(message))
	if s.gloss {
		out.WriteString(`<linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/><stop offset="1" stop-opacity=".1"/></linearGradient>`)
	}
	fmt.Fprintf(&out, `<clipPath id="r"><rect width="%d" height="%d" rx="%d"/></clipPath><g clip-path="url(#r)"><rect width="%d" height="%d" fill="#464b52"/><rect x="%d" width="%d" height="%d" fill="%s"/>`,
		all, s.height, s.radius, left, s.height, left, right, s.height, b.color)
	if s.gloss {
		fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="url(#s)"/>`, all, s.height)
	}
	fmt.Fprintf(&out, `</g><g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="%d"><text x="%d" y="%d" textLength="%d">%s</text><text x="%d" y="%d" textLength="%d">%s</text></g></svg>`,
		s.size, left/2, s.height/2+4, left-2*s.pad, esc(label), left+right/2, s.height/2+4, right-2*s.pad, esc(message))
	return out.String()
}

// width is how wide a text is about, in pixels. The picture stretches the text to it.
func width(text string, s badgeStyle) int {
	w := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("il.,:;'|!I ", r):
			w += 4
		case strings.ContainsRune("fjrt()-", r):
			w += 5
		case strings.ContainsRune("mwMW%@", r):
			w += 10.5
		case r >= 'A' && r <= 'Z':
			w += 7.8
		case r >= 0x2e80:
			w += 11
		default:
			w += 6.9
		}
	}
	if s.upper {
		w *= 1.1
	}
	return max(int(w), 1)
}

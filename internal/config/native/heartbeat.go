package native

import (
	"regexp"
	"slices"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// A heartbeat is what is said of a service that gives signs of life.
type heartbeat struct {
	model.Heartbeat
	graced    bool   // a grace was given
	given     []item // what was said
	cron      monit.Word
	zone, key monit.Word
}

// usualGrace is how late a sign of life may be when nothing else is said.
const usualGrace = time.Minute

// keyed are the keys that only a heartbeat has.
func keyed(key string, read func(d *decoder, it item, h *heartbeat)) field[service] {
	return field[service]{key, func(d *decoder, it item, s *service) {
		s.heart.given = append(s.heart.given, it)
		read(d, it, &s.heart)
	}}
}

var heartbeatFields = []field[service]{
	keyed("period", func(d *decoder, it item, h *heartbeat) { h.Period = d.duration(it, time.Second) }),
	keyed("schedule", func(d *decoder, it item, h *heartbeat) { h.cron, _ = d.word(it) }),
	keyed("zone", func(d *decoder, it item, h *heartbeat) { h.zone, _ = d.word(it) }),
	keyed("grace", func(d *decoder, it item, h *heartbeat) { h.Grace, h.graced = d.duration(it, 0), true }),
	keyed("max run", func(d *decoder, it item, h *heartbeat) { h.MaxRun = d.duration(it, time.Second) }),
	keyed("ping", func(d *decoder, it item, h *heartbeat) { h.key = d.key(it) }),
}

// secretKey is what a key of an address may look like: long enough not to be guessed.
var secretKey = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// key reads a secret that stands in addresses. What is wrong with it is told without it.
func (d *decoder) key(it item) monit.Word {
	w, ok := d.word(it)
	if ok && !secretKey.MatchString(w.Text) {
		d.errorf(d.span(it.key), "key", "%s must have 16 to 64 letters, digits, dashes and underscores", d.subject(it)).
			Hinted("one that nobody guesses is printed by: uuidgen")
		return monit.Word{}
	}
	return w
}

// check reports what does not fit together; name is that of the service.
func (h *heartbeat) check(d *decoder, name monit.Word, kind model.Kind) {
	has := func(key string) bool { return has(h.given, key) }
	switch {
	case len(h.given) == 0:
		return
	case kind != model.KindHeartbeat:
		d.errorf(name.Span, "period", "only a heartbeat has a %s", h.given[0].name).Hinted("add: heartbeat: true")
		return
	case has("period") && has("schedule"):
		d.errorf(name.Span, "exclusive", `a heartbeat has either "period" or "schedule"`)
	case has("grace") && !has("period") && !has("schedule"):
		d.errorf(name.Span, "missing", "a grace belongs to a period").Hinted("add: period: 1h")
	case has("zone") && !has("schedule"):
		d.errorf(h.zone.Span, "missing", "a zone belongs to a schedule").Hinted("add: schedule: 0 3 * * *")
	}
	if h.cron.Given() {
		d.routine(h.cron, h.zone)
	}
	h.Cron, h.Zone, h.Key = h.cron.Text, h.zone.Text, h.key.Text
	if !h.graced && (h.Period > 0 || h.Cron != "") {
		h.Grace = usualGrace
	}
}

// routine tells whether a schedule and its zone can be read and are due some day, and reports what is wrong with them.
func (d *decoder) routine(cron, zone monit.Word) bool {
	if _, err := calendar.ParseCron(cron.Text); err != nil {
		d.errorf(cron.Span, "cron", "%v", err).Hinted("five fields: minute, hour, day of month, month, day of week")
		return false
	}
	routine, err := calendar.ParseRoutine(cron.Text, zone.Text)
	if err != nil {
		d.errorf(zone.Span, "zone", "%v", err).Hinted("write it as in Europe/Berlin; what a host knows is in /usr/share/zoneinfo")
		return false
	}
	_, due := routine.Next(time.Now())
	if !due {
		d.errorf(cron.Span, "cron", "the schedule %q is never due", cut(cron.Text))
	}
	return due
}

// compile writes what was said, and adds the rules that nobody has to write.
func (h *heartbeat) compile(s *model.Service) {
	if len(h.given) == 0 || s.Kind != model.KindHeartbeat {
		return
	}
	of := h.Heartbeat
	s.Heartbeat = &of
	var rules []model.Rule
	imply := func(wanted bool, text string, m model.Metric, op model.Op, operand float64) {
		about := func(r model.Rule) bool { return r.Metric == m }
		if wanted && !slices.ContainsFunc(s.Rules, about) {
			alert := []model.Action{{Kind: model.ActAlert}}
			rules = append(rules, model.Rule{
				Text: text, Topic: model.TopicHeartbeat, Metric: m, Op: op, Operand: model.Num(operand),
				Then: alert, Else: alert, Implicit: true, Pos: s.Pos,
			})
		}
	}
	limit := h.Period + h.Grace
	imply(h.Period > 0, "no sign of life for "+formatDuration(limit), model.SilentFor, model.Greater, limit.Seconds())
	imply(h.Cron != "", "no sign of life "+formatDuration(h.Grace)+" after it was due", model.Overdue, model.Greater, h.Grace.Seconds())
	imply(h.MaxRun > 0, "runs for more than "+formatDuration(h.MaxRun), model.Running, model.Greater, h.MaxRun.Seconds())
	imply(true, "failed", model.BeatStatus, model.NotEqual, 0)
	s.Rules = slices.Concat(rules, s.Rules)
}

// addHeartbeat writes when signs of life are expected.
func addHeartbeat(n *node, h *model.Heartbeat) {
	n.add("heartbeat", newBool(true))
	if h == nil {
		return
	}
	if h.Period > 0 {
		n.text("period", formatDuration(h.Period))
	}
	n.text("schedule", h.Cron)
	n.text("zone", h.Zone)
	if (h.Period > 0 || h.Cron != "") && h.Grace != usualGrace {
		n.text("grace", formatDuration(h.Grace))
	}
	if h.MaxRun > 0 {
		n.text("max run", formatDuration(h.MaxRun))
	}
	n.text("ping", h.Key)
}

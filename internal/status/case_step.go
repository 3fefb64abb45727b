package status

import (
	"maps"
	"slices"
	"time"

	"orderly/internal/model"
)

// hold is how long a failure of something that depends on others waits for what is found of these.
const hold = model.DefaultHold

// openCases opens incidents for what fails and has none. What fails within Page.Gather shares one (P-322).
func (d *draft) openCases(standings map[int64]standing, taken map[int64]bool) {
	var open, private []Affected
	for _, c := range d.view.Components {
		st := standings[c.ID]
		if !st.bad && !st.unstable || st.paused || st.hushed || st.gone || taken[c.ID] || c.Ignored || c.Health == Unknown {
			continue
		}
		if due := st.since.Add(hold); st.child && d.now.Before(due) {
			d.due(due)
			continue
		}
		one := Affected{Component: c.ID, Health: st.health}
		if d.view.Public(c) {
			open = append(open, one)
		} else {
			private = append(private, one)
		}
	}
	d.openCase(open, standings, true)
	d.openCase(private, standings, false)
}

// openCase has one incident tell of components that fail: one that was opened just now, or a new one.
func (d *draft) openCase(list []Affected, standings map[int64]standing, visible bool) {
	for len(list) > 0 {
		fresh := list
		if d.view.Page.Gather <= 0 {
			fresh = list[:1]
		}
		list = list[len(fresh):]
		if i := d.recent(visible); i != nil {
			d.join(i, fresh)
			continue
		}
		d.openOne(fresh, standings, visible)
	}
}

// recent is an incident that others may join.
func (d *draft) recent(visible bool) *Incident {
	for n := len(d.view.Incidents) - 1; n >= 0; n-- {
		i := d.view.Incidents[n]
		if d.now.Sub(i.Created) >= d.view.Page.Gather {
			return nil
		}
		if i.Auto != nil && i.Open() && i.Taken == "" && i.Visible == visible && i.Phase != Watching && len(i.Components) < maxAffected {
			return i
		}
	}
	return nil
}

func (d *draft) join(i *Incident, fresh []Affected) {
	one := i.withAuto()
	one.Components = append(slices.Clip(i.Components), fresh...)
	for _, a := range fresh {
		one.Auto.Told[a.Component] = a.Health
	}
	one.Name, one.Message, one.Updated = d.entitle(one), d.text(textOpened, d.about(one)), d.now
	d.setIncident(one)
	d.tellIncident(IncidentOpened, one, nil, fresh)
}

func (d *draft) openOne(fresh []Affected, standings map[int64]standing, visible bool) {
	auto := &Auto{Began: d.now, Last: d.now, Told: map[int64]Health{}}
	phase := Investigating
	for _, a := range fresh {
		st := standings[a.Component]
		auto.Told[a.Component] = a.Health
		auto.Unstable = auto.Unstable || st.unstable
		if st.bad && st.since.Before(auto.Began) {
			auto.Began = st.since
		}
	}
	if auto.Unstable {
		phase = Watching
	}
	i := &Incident{
		ID: d.number(kindIncident), GUID: guid(), Phase: phase, Visible: visible, Notify: true, Components: fresh, Occurred: auto.Began,
		Auto: auto, Created: d.now, Updated: d.now, Meta: []byte(`{"orderly":{"auto":true}}`),
	}
	i.Name, i.Message = d.entitle(i), d.text(textOpened, d.about(i))
	if auto.Unstable {
		i.Message = d.text(textUnstable, d.about(i))
	}
	d.setIncident(i)
	d.tellIncident(IncidentOpened, i, nil, i.Components)
}

// withAuto is a copy whose memory may be changed.
func (i *Incident) withAuto() *Incident {
	one, auto := *i, *i.Auto
	auto.Told = maps.Clone(auto.Told)
	if auto.Told == nil {
		auto.Told = map[int64]Health{}
	}
	one.Auto = &auto
	return &one
}

// proceed takes a step with an incident. Nothing is written into one that somebody has taken over, but that it is over.
func (d *draft) proceed(old *Incident, next step, standings map[int64]standing) *Incident {
	i := old.withAuto()
	a := i.Auto
	var u *Update
	switch next {
	case watching:
		a.Well = d.now
		u = &Update{Phase: Watching, Message: d.text(textRecovered, d.about(i))}
	case steady:
		a.Well, a.Unstable = d.now, false
	case unsteady:
		a.Well, a.Unstable, a.Last = time.Time{}, true, d.now
		u = &Update{Phase: Watching, Message: d.text(textUnstable, d.about(i))}
	case relapse:
		a.Well, a.Unstable, a.Closing, a.Last = time.Time{}, false, false, d.now
		i.learn(standings)
		u = &Update{Phase: Investigating, Message: d.text(textRelapse, d.about(i))}
	case turn:
		a.Last = d.now
		i.learn(standings)
		u = &Update{Phase: i.Phase, Message: d.text(textChanged, d.about(i))}
	case fix, gone:
		return d.finish(i, next)
	}
	if i.Taken != "" || u == nil {
		d.setIncident(i)
		return i
	}
	i.Name = d.entitle(i)
	added := *d.addUpdate(i, *u)
	d.setIncident(i)
	if next == relapse { // who was told that it is down need not be told again
		d.notices = append(d.notices, Notice{Kind: IncidentUpdated, At: d.now, Incident: i, Update: &added})
	} else {
		d.tellIncident(IncidentUpdated, i, &added, nil)
	}
	return i
}

// learn notes how the components are that are being told of.
func (i *Incident) learn(standings map[int64]standing) {
	i.Components = slices.Clone(i.Components)
	for n := range i.Components {
		if st := standings[i.Components[n].Component]; st.bad {
			i.Components[n].Health = st.health
			i.Auto.Told[i.Components[n].Component] = st.health
		}
	}
}

// finish says that an incident is over, and closes it unless that is for whoever took it over (P-325).
func (d *draft) finish(i *Incident, next step) *Incident {
	a := i.Auto
	if a.Well.IsZero() {
		a.Well = d.now
	}
	phase := Fixed
	if i.Taken != "" && (d.view.Page.HandsOff || a.Kept) {
		phase = i.Phase
	}
	text := wordGone
	if next == fix {
		text = d.text(textFixed, d.about(i))
	}
	a.Closing = true
	added := *d.addUpdate(i, Update{Phase: phase, Message: text})
	d.setIncident(i)
	if !i.Open() {
		d.letGo(i)
	}
	d.tellIncident(IncidentUpdated, i, &added, nil)
	return i
}

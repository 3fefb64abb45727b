package status

import "context"

// TakeIncident has an incident that checks opened be looked after by whoever asks: from then on checks write nothing into
// it, but that it is over (P-325).
func (b *Book) TakeIncident(ctx context.Context, by Actor, id int64) (*Incident, error) {
	return b.hand(ctx, by, id, func(d *draft, i *Incident) { d.take(i, by, i.Phase, false) })
}

// ReturnIncident gives an incident that somebody has taken over back to the checks, which word and close it again. What
// people wrote stays.
func (b *Book) ReturnIncident(ctx context.Context, by Actor, id int64) (*Incident, error) {
	return b.hand(ctx, by, id, func(_ *draft, i *Incident) {
		i.Taken, i.Auto.Kept, i.Auto.Closing = "", false, false
	})
}

// hand has somebody else look after an incident that checks opened and that is not over.
func (b *Book) hand(ctx context.Context, by Actor, id int64, to func(*draft, *Incident)) (*Incident, error) {
	return save(ctx, b, func(d *draft) error {
		old := d.view.Incident(id)
		if old == nil {
			return ErrNotFound
		}
		if err := d.check(by, reachUpdate, components(old.Components)...); err != nil {
			return err
		}
		var bad faults
		bad.when(old.Auto == nil, "No check opened this incident.")
		bad.when(!old.Open(), "This incident is over.")
		if err := bad.err(); err != nil {
			return err
		}
		i := old.withAuto()
		i.Updated = d.now
		to(d, i)
		d.setIncident(i)
		d.record(by, kindIncident, id, i.Name, old, i)
		return nil
	}, func(v *View) *Incident { return v.Incident(id) })
}

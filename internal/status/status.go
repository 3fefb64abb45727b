// Package status is what the public is told: components and how they are, incidents, maintenance, metrics and who
// wants to hear of all that. Checks move it by themselves: a service is a component, its failure an incident.
//
// Entry point: [Open] returns a [Book]. Everything that is read comes from [Book.Read], an immutable [View]; everything
// that is written goes through methods of the Book and is on disk when they return.
package status

// Health is how a component is. The numbers are those of Cachet 3.
type Health int

// The states of a component.
const (
	Operational Health = 1
	Degraded    Health = 2 // it works, but not as it should
	Partial     Health = 3 // some of it does not work
	Major       Health = 4 // it does not work
	Unknown     Health = 5 // it was not checked, or cannot be
	Maintenance Health = 6
)

var healthWords = map[Health]string{
	Operational: "operational", Degraded: "degraded performance", Partial: "partial outage", Major: "major outage",
	Unknown: "unknown", Maintenance: "under maintenance",
}

// Valid tells whether it is one of the states.
func (h Health) Valid() bool { return h >= Operational && h <= Maintenance }

// Bad tells whether something is wrong.
func (h Health) Bad() bool { return h >= Degraded && h <= Major }

// String is the state in words for people.
func (h Health) String() string { return healthWords[h] }

// rank orders states by how much attention they want: Unknown is worse than Operational, and so is Maintenance.
func (h Health) rank() int {
	switch h {
	case Operational:
		return 0
	case Unknown:
		return 1
	case Maintenance:
		return 2
	default:
		return int(h) + 1
	}
}

// Worse tells whether h wants more attention than o.
func (h Health) Worse(o Health) bool { return h.rank() > o.rank() }

// Phase is how far people are with an incident. The numbers are Cachet's.
type Phase int

// The phases of an incident.
const (
	Reported      Phase = 0 // nobody has looked at it; to Cachet 2 it is scheduled
	Investigating Phase = 1
	Identified    Phase = 2
	Watching      Phase = 3 // it seems to be over
	Fixed         Phase = 4
)

var phaseWords = [...]string{"reported", "investigating", "identified", "watching", "fixed"}

// Valid tells whether it is one of the phases.
func (p Phase) Valid() bool { return p >= Reported && p <= Fixed }

// String is the phase in words for people.
func (p Phase) String() string {
	if !p.Valid() {
		return ""
	}
	return phaseWords[p]
}

// Stage is how far a maintenance is. The numbers are Cachet's.
type Stage int

// The stages of a maintenance.
const (
	Upcoming   Stage = 0
	InProgress Stage = 1
	Complete   Stage = 2
)

var stageWords = [...]string{"upcoming", "in progress", "complete"}

// Valid tells whether it is one of the stages.
func (s Stage) Valid() bool { return s >= Upcoming && s <= Complete }

// String is the stage in words for people.
func (s Stage) String() string {
	if !s.Valid() {
		return ""
	}
	return stageWords[s]
}

// Source says who decides how a component is, the first of them that has something to say.
type Source string

// The sources, in their order of precedence (P-360).
const (
	ByMaintenance Source = "maintenance"
	ByHand        Source = "override"   // a person
	ByDependency  Source = "dependency" // what it depends on is not well, so that it cannot be checked
	ByScript      Source = "script"     // told over the API with a token
	ByCheck       Source = "check"
	ByNobody      Source = "" // nothing checks it: it stays as it was last said to be
)

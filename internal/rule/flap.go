package rule

// Flapping is judged by the last results: a change between two of them counts the more the newer it is, from 0.8 to 1.2
// times. It begins with a higher rate of changes than it ends with, so that it does not itself flap.
const (
	flapResults = 21 // which have 20 changes between them
	flapBegins  = 0.50
	flapEnds    = 0.25
	oldest      = 0.8
	newest      = 1.2
)

// remember adds a result to those before.
func remember(past uint32, bad bool) uint32 {
	past <<= 1
	if bad {
		past |= 1
	}
	return past & (1<<flapResults - 1)
}

// Flaps tells whether something fails and recovers all the time, given whether it did so before.
func (s State) Flaps() bool {
	rate := changeRate(s.Past)
	if s.Flapping {
		return rate > flapEnds
	}
	return rate >= flapBegins
}

// Changes is how often the result changed in as many checks as Flaps looks back.
func (s State) Changes() (n int) {
	for i := range flapResults - 1 {
		if s.Past>>i&1 != s.Past>>(i+1)&1 {
			n++
		}
	}
	return n
}

// changeRate is the weighted share of the changes between results, from 0 to 1.
func changeRate(past uint32) float64 {
	const changes = flapResults - 1
	sum := 0.0
	for i := range changes { // i = 0 is the change that is newest
		if past>>i&1 != past>>(i+1)&1 {
			sum += newest - (newest-oldest)*float64(i)/(changes-1)
		}
	}
	return sum / changes
}

package probe

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"orderly/internal/model"
)

// A family is what servers of one kind count of themselves: the names they give it, and the metrics these stand for.
// Its protocol, <name>-status, reads all of them. What only grows is read as the total that the server tells;
// a [Meter] makes rates of totals.
type family map[string]model.Metric

func familyOf(name string) family {
	f := family{}
	for _, each := range model.FamilyNames(name) {
		f[each] = model.FamilyMetric(name, each)
	}
	return f
}

// tell takes down what a server says of a name of its family. What is not of the family, no number, or said again
// is passed over.
func (c *Conn) tell(f family, name, value string) {
	m, known := f[name]
	if !known || c.readings.Get(m).Present() {
		return
	}
	n, err := strconv.ParseFloat(value, 64)
	if err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
		c.readings.Add(m, model.Num(n))
	}
}

// told ends the telling: whatever the server is, it is not of its family if it has told nothing.
func (c *Conn) told() error {
	if len(c.readings) == 0 {
		return errors.New("it answers, but tells none of the numbers of its kind")
	}
	return nil
}

// untold notes why a number is missing that was asked for.
func (c *Conn) untold(name string, reason error) {
	hidden := hiding(append(slices.Clip(c.probe.Params), c.confided...))
	c.note = hidden.Replace(name + " is not known: " + reason.Error())
}

// wanted is the parameter that names a metric which rules are about. Some are a burden to the server, or may have to
// wait for others there: these are only asked for when a rule wants them.
const wanted = "wanted"

func wants(params model.Params, m model.Metric) bool {
	for _, p := range params {
		if p.Name == wanted && p.Value == string(m) {
			return true
		}
	}
	return false
}

// orElse gives a parameter a value where the configuration does not.
func orElse(params model.Params, name, value string) model.Params {
	if params.Get(name) != "" {
		return params
	}
	return append(slices.Clip(params), model.Param{Name: name, Value: value})
}

package monit

import (
	"fmt"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// A ReportTypeError says that a report cannot be about this, in the words of Monit.
type ReportTypeError string

func (e ReportTypeError) Error() string { return fmt.Sprintf("Invalid report type: '%s'", string(e)) }

// A tally counts services by how they are.
type tally struct {
	up, down, initialising, unmonitored, total int
}

func (t *tally) add(s *model.Snapshot) {
	t.total++
	switch {
	case !s.Monitored:
		t.unmonitored++
	case s.Initializing:
		t.initialising++
	case s.Failing != 0:
		t.down++
	default:
		t.up++
	}
}

// Report counts services: all counts with their shares if what is "", else one number. It may be "up", "down",
// "initialising" in any spelling, "unmonitored" or "total", in letters of any case; for anything else there is a [ReportTypeError].
func Report(services []model.Snapshot, what string) (string, error) {
	var t tally
	for i := range services {
		t.add(&services[i])
	}
	switch word := strings.ToLower(what); {
	case word == "":
		return t.text(), nil
	case word == "up":
		return line(t.up), nil
	case word == "down":
		return line(t.down), nil
	case strings.HasPrefix(word, "initiali"):
		return line(t.initialising), nil
	case word == "unmonitored":
		return line(t.unmonitored), nil
	case word == "total":
		return line(t.total), nil
	}
	return "", ReportTypeError(what)
}

func line(n int) string { return strconv.Itoa(n) + "\n" }

func (t *tally) text() string {
	var out strings.Builder
	share := func(label string, n int) {
		fmt.Fprintf(&out, "%-14s%3d (%.1f%%)\n", label, n, percentOf(float64(n), float64(t.total)))
	}
	share("up:", t.up)
	share("down:", t.down)
	share("initialising:", t.initialising)
	share("unmonitored:", t.unmonitored)
	fmt.Fprintf(&out, "%-14s%3d services\n", "total:", t.total)
	return out.String()
}

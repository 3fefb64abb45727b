package child

import (
	"crypto/rand"
	"strings"
	"sync"
)

// markerName is the environment variable that check programs and what they start are recognised by.
const markerName = "ORDERLY_CHECK"

// runID tells this run of the daemon from earlier ones.
var runID = sync.OnceValue(rand.Text)

// Marker is the entry to add to the environment of a check program, so that [Sweep] finds what it started. The instance
// names the daemon over its restarts, such as by its state directory; it is visible to the program.
func Marker(instance string) string { return markerName + "=" + instance + ":" + runID() }

// isStale tells whether an environment, as the kernel shows it, has the marker of an earlier run of the instance.
func isStale(environ, instance string) bool {
	for entry := range strings.SplitSeq(environ, "\x00") {
		run, ok := strings.CutPrefix(entry, markerName+"="+instance+":")
		if ok && run != "" && run != runID() && !strings.Contains(run, ":") {
			return true
		}
	}
	return false
}

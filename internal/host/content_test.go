package host

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What cannot be searched in one visit is searched in several: nothing is lost, and nothing is seen twice.
func TestSlowSearchGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := bytesOf(strings.Repeat("a line\n", 100) + "incomplete")
		complete := int64(len(text) - len("incomplete"))
		lines, visits := 0, 0
		for at := int64(0); at < complete; visits++ {
			end, err := eachLine(t.Context(), text, at, 100, func([]byte) { lines++; time.Sleep(time.Second) })
			if err != nil || end <= at {
				t.Fatalf("visit %d went from %d to %d: %v", visits, at, end, err)
			}
			at = end
		}
		if lines != 100 || visits < 100/int(visitTime.Seconds()+2) || visits > 100/int(visitTime.Seconds()) {
			t.Errorf("%d lines in %d visits", lines, visits)
		}
	})
}

// A file system that is slow to begin with is given the time to deliver one line.
func TestSlowFileDeliversALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		end, err := eachLine(t.Context(), slowly{bytesOf("one two three\nfour")}, 0, 100, func(line []byte) { got = append(got, string(line)) })
		if err != nil || end != 14 || len(got) != 1 || got[0] != "one two three" {
			t.Errorf("ended at %d with %q, %v", end, got, err)
		}
	})
}

// slowly is a file that takes longer than a visit for each piece.
type slowly struct{ chunks }

func (s slowly) ReadAt(p []byte, at int64) (int, error) {
	time.Sleep(2 * visitTime)
	return s.chunks.ReadAt(p, at)
}

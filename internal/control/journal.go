package control

import (
	"context"
	"fmt"
	"time"

	"orderly/internal/child"
)

const (
	journalLines = "30"
	journalBytes = 64 << 10
)

// journal is what systemd keeps of the output of services.
type journal struct {
	tools
	match func(unit string) []string // what chooses the lines about a unit; nil: there is no journal
}

func systemJournal(unit string) []string { return []string{"--unit", unit} }

// userJournal chooses what a unit of a user's manager wrote and what that manager wrote about it. The journal's own option for that
// knows only the units of who calls it.
func userJournal(uid string) func(unit string) []string {
	return func(unit string) []string {
		return []string{"_UID=" + uid, "_SYSTEMD_USER_UNIT=" + unit, "+", "_UID=" + uid, "USER_UNIT=" + unit}
	}
}

// lines returns the last lines about a unit since a moment. There are none where the journal may not be read.
func (j journal) lines(ctx context.Context, unit string, since time.Time) string {
	if j.match == nil {
		return ""
	}
	args := []string{"journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=" + journalLines}
	args = append(args, fmt.Sprintf("--since=@%d.%06d", since.Unix(), since.Nanosecond()/1000))
	args = append(args, j.match(unit)...)
	// It has nothing to put in order, and whoever asks may be in a hurry.
	res, err := child.Run(ctx, child.Spec{Args: args, Env: j.env, Keep: journalBytes, Grace: time.Millisecond, DieWithParent: true})
	if err != nil || res.Status != 0 {
		return ""
	}
	return res.Stdout
}

package control

import (
	"context"
	"fmt"
	"time"

	"orderly/internal/child"
)

const (
	journalLines = "20"
	journalBytes = 64 << 10
)

// journal is what systemd keeps of the output of services.
type journal struct {
	tools
	scope []string // what chooses a unit, whose name follows; nil: there is no journal
}

// lines returns the last lines about a unit since a moment. There are none where the journal may not be read.
func (j journal) lines(ctx context.Context, unit string, since time.Time) string {
	if j.scope == nil {
		return ""
	}
	args := []string{"journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=" + journalLines}
	args = append(args, fmt.Sprintf("--since=@%d.%06d", since.Unix(), since.Nanosecond()/1000))
	args = append(append(args, j.scope...), unit)
	res, err := child.Run(ctx, child.Spec{Args: args, Env: j.env, Keep: journalBytes, DieWithParent: true})
	if err != nil || res.Status != 0 {
		return ""
	}
	return res.Stdout
}

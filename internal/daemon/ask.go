package daemon

import (
	"context"

	"orderly/internal/model"
	"orderly/internal/probe"
)

// Ask asks a server once, as a check would, for who proposes rules before there is a daemon.
func Ask(ctx context.Context, p *model.Probe) model.Result { return probe.Run(ctx, p) }

package daemon

import (
	"context"
	"os"

	"orderly/internal/control"
	"orderly/internal/model"
)

// Tell runs a program that tells somebody of something, as the daemon does, for those who have none.
func Tell(ctx context.Context, p *model.Program, env []string) error {
	return control.New(control.Options{Environment: os.Environ()}).Tell(ctx, p, env)
}

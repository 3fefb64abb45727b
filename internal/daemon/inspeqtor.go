package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"time"

	"orderly/internal/engine"
	"orderly/internal/httpd"
	"orderly/internal/inspeqtor"
	"orderly/internal/model"
)

// newInspeqtor makes the outside of an Inspeqtor, which is closed unless somebody asks for it.
func (d *instance) newInspeqtor() *inspeqtor.Server {
	before := d.store.Last()
	return inspeqtor.New(inspeqtor.Options{
		Backend: inspeqtorBackend{d}, Listen: listenInspeqtor, Socket: d.InspeqtorSocket,
		Events: func() uint64 { return d.store.Last() - before }, Started: d.started, Log: d.log,
	})
}

// operators are who may use Inspeqtor's socket without being root, where there is such a group.
const operators = "adm"

func listenInspeqtor(ctx context.Context, path string) (net.Listener, error) {
	s := &model.HTTPSocket{Path: path, Mode: 0o660}
	if _, err := user.LookupGroup(operators); err == nil && os.Geteuid() == 0 {
		s.Group = operators
	}
	return httpd.ListenSocket(ctx, s)
}

// An inspeqtorBackend answers inspeqtor.Backend.
type inspeqtorBackend struct{ *instance }

func (d inspeqtorBackend) Silences(ctx context.Context) ([]model.Silence, error) {
	return d.engine.Silences(ctx)
}

// Deploy silences everything while there is a deploy, and for one interval after it, in which services may settle.
func (d inspeqtorBackend) Deploy(ctx context.Context, begin bool) error {
	settings := d.current.Load().Settings
	lasts := settings.Interval
	if begin {
		lasts = cmp.Or(settings.Inspeqtor, model.DefaultInspeqtor()).Deploy
	}
	_, err := d.engine.Silence(ctx, model.Silence{
		ID: inspeqtor.DeployID, All: true, Hold: true, Mute: true, Until: time.Now().Add(lasts), Reason: "deploy",
	})
	return err
}

// Beat finds the job. Where a service has its name, it is called otherwise than by its users.
func (d inspeqtorBackend) Beat(ctx context.Context, job string) error {
	var unknown *engine.UnknownError
	for _, name := range []string{job, job + " job"} {
		if err := d.engine.Beat(ctx, name); !errors.As(err, &unknown) {
			return err
		}
	}
	return fmt.Errorf("cannot note that %q is done: %w", job, inspeqtor.ErrNoJob)
}

// Package discover proposes a configuration from what runs on this host.
//
// [Propose] is the entry point: it turns [Facts] into the text of an orderly.yaml, with comments that say why. [Gather]
// collects the facts. What is proposed was tried: a rule that would fail as things are is not written.
package discover

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"orderly/internal/control"
	"orderly/internal/host"
	"orderly/internal/model"
)

// Facts are what a proposal is made from. They hold nothing of command lines, and so no secrets.
type Facts struct {
	Host        string
	Inits       []string         // names of the init systems that are in charge of services, in the order in which they are asked
	Units       []control.Listed // their services
	Listeners   []host.Listener  // sockets on which programs wait for others
	Filesystems []string         // mount points of what keeps data here

	Refusals map[string]string // what servers said to a question that they did not answer as wanted, by its words in a rule
	Troubles []string          // what could not be found out, a sentence each
}

// initSystems tell which services they run.
type initSystems interface {
	Detect(ctx context.Context) []string
	List(ctx context.Context) ([]control.Listed, error)
}

// machine tells what it is like.
type machine interface {
	Hostname() string
	Listeners() ([]host.Listener, error)
	Filesystems() ([]string, error)
}

// An Asker asks a server once and says what came of it.
type Asker func(ctx context.Context, p *model.Probe) model.Result

// How servers are tried: as many at the same time, each step of a conversation as long as a rule allows, and all of them
// not much longer.
const (
	triesAtOnce = 8
	tryPatience = 5 * time.Second
	tryLimit    = 2 * tryPatience
)

// Gather collects the facts of this host, and asks every server that it would propose a rule about. What cannot be found
// out is among the troubles. It returns an error when ctx ends before all is known.
func Gather(ctx context.Context, ask Asker) (Facts, error) {
	units := control.NewUnits(control.UnitOptions{})
	defer units.Close()
	here := host.New(host.Options{})
	defer here.Close()
	return gather(ctx, units, here, ask)
}

func gather(ctx context.Context, units initSystems, here machine, ask Asker) (Facts, error) {
	f := Facts{Host: here.Hostname(), Inits: units.Detect(ctx)}
	var err error
	trouble := func(err error) {
		if err != nil {
			f.Troubles = append(f.Troubles, err.Error())
		}
	}
	f.Units, err = units.List(ctx)
	trouble(err)
	f.Listeners, err = here.Listeners()
	trouble(err)
	f.Filesystems, err = here.Filesystems()
	trouble(err)
	if os.Geteuid() != 0 {
		f.Troubles = append(f.Troubles, "only root sees which program listens where: services of others lack rules about their ports")
	}
	f.try(ctx, ask)
	if err := ctx.Err(); err != nil {
		return f, fmt.Errorf("cannot find out what runs here: %w", err)
	}
	return f, nil
}

// try asks the servers of all rules, and keeps what those said that did not answer as wanted.
func (f *Facts) try(ctx context.Context, ask Asker) {
	f.Refusals = map[string]string{}
	var all sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, triesAtOnce)
	for _, q := range newPlan(f).questions() {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			for _, q := range q.forms() {
				limited, cancel := context.WithTimeout(ctx, tryLimit)
				r := ask(limited, q.probe(tryPatience))
				cancel()
				if r.OK {
					return
				}
				mu.Lock()
				f.Refusals[q.String()] = r.Summary
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

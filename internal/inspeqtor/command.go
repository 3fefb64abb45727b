package inspeqtor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"orderly/internal/model"
)

// usage is the reply to help.
const usage = `What can be asked for:
  status                  what the host and the services are like now
  show [target] [metric]  what a metric was like lately; the target is "host" or a service
  export                  all metrics, as JSON
  start deploy            nobody is told and nothing is restarted, until the deploy is finished or takes too long
  finish deploy           everything is as before
  job_done [name]         a job has done its work
  help                    this
`

// answer does what a command says and returns the reply.
func (s *Server) answer(ctx context.Context, line string) string {
	words := strings.Fields(line)
	if len(words) == 0 {
		return usage
	}
	switch words[0] {
	case "help", "--help":
		return usage
	case "status":
		return s.status(ctx)
	case "export":
		return s.export(ctx)
	case "show":
		return s.show(ctx, words[1:])
	case "start":
		return s.deploy(ctx, true)
	case "finish":
		return s.deploy(ctx, false)
	case "job_done":
		return s.jobDone(ctx, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), words[0])))
	case "\u2661":
		return "Awwww, I love you too.\n"
	}
	return "Unknown command: " + strings.TrimRight(line, "\r") + "\n"
}

func failed(err error) string { return "Error: " + err.Error() + "\n" }

func (s *Server) status(ctx context.Context) string {
	v, err := s.view(ctx, patience)
	if err != nil {
		return failed(fmt.Errorf("cannot tell how the services are: %w", err))
	}
	silences, err := s.Backend.Silences(ctx)
	if err != nil {
		return failed(fmt.Errorf("cannot tell whether there is a deploy: %w", err))
	}
	now := time.Now()
	return v.status(now.Sub(s.Started), os.Getpid(), silentUntil(silences, now))
}

// silentUntil is when people are told of everything again; zero: they are.
func silentUntil(silences []model.Silence, now time.Time) (until time.Time) {
	for _, s := range silences {
		if s.All && s.Active(now) && s.Until.After(until) {
			until = s.Until
		}
	}
	return until
}

func (s *Server) export(ctx context.Context) string {
	v, err := s.view(ctx, patience)
	if err != nil {
		return failed(fmt.Errorf("cannot tell how the services are: %w", err))
	}
	return v.export(time.Now())
}

func (s *Server) show(ctx context.Context, words []string) string {
	if len(words) < 2 {
		return "show [target] [metric]\n"
	}
	v, err := s.view(ctx, patience)
	if err != nil {
		return failed(fmt.Errorf("cannot tell how the services are: %w", err))
	}
	last := len(words) - 1
	target := strings.Join(words[:last], " ") // of other dialects, services may have blanks in their names
	b, ok := v.find(target)
	if !ok {
		return "Invalid target: " + target + "\n"
	}
	m, ok := b.find(words[last])
	if !ok {
		return "Unknown metric: " + words[last] + "\n"
	}
	samples := s.history.samples(placeOf(b, m))
	if len(samples) == 0 && m.known { // there was no whole cycle yet
		samples = []float32{float32(m.value)}
	}
	return b.name + " " + m.course(samples)
}

func (s *Server) deploy(ctx context.Context, begin bool) string {
	if err := s.Backend.Deploy(ctx, begin); err != nil {
		return failed(err)
	}
	if begin {
		return "Starting deploy, now silenced\n"
	}
	return "Finished deploy, volume turned to 11\n"
}

func (s *Server) jobDone(ctx context.Context, name string) string {
	if quoted := len(name) > 2 && name[0] == '"' && name[len(name)-1] == '"'; quoted {
		name = name[1 : len(name)-1]
	}
	if name == "" {
		return "Usage: job_done <name>\n"
	}
	switch err := s.Backend.Beat(ctx, name); {
	case errors.Is(err, ErrNoJob):
		return fmt.Sprintf("Error: no such job \"%s\", verify spelling or reload Inspeqtor\n", name)
	case err != nil:
		return failed(err)
	}
	return "OK\n"
}

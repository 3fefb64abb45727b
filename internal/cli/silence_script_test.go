package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"orderly/internal/model"
)

// silences are those of a stand-in. In the directory of the script, a file "silences" tells of all that ever began.
type silences struct {
	mu   sync.Mutex
	list []model.Silence
}

func (s *standIn) Silence(_ context.Context, q model.Silence) (model.Silence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.ID == "" {
		q.ID = fmt.Sprint(len(s.list) + 1)
	}
	s.list = append(slices.DeleteFunc(s.list, func(o model.Silence) bool { return o.ID == q.ID }), q)
	q.By, q.Until, q.From = "", began, began
	text, err := json.Marshal(q)
	if err != nil {
		return q, err
	}
	f, err := os.OpenFile(filepath.Join(s.dir, "silences"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return q, err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, "%s\n", text)
	return q, err
}

func (s *standIn) EndSilence(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.list, func(o model.Silence) bool { return o.ID == id })
	if i < 0 {
		return fmt.Errorf("cannot end silence %q: there is no such silence", id)
	}
	s.list = slices.Delete(s.list, i, i+1)
	return nil
}

// Silences hides what differs from run to run.
func (s *standIn) Silences(context.Context) ([]model.Silence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []model.Silence{}
	for _, q := range s.list {
		q.By, q.Until, q.From = "ann", began, began
		out = append(out, q)
	}
	return out, nil
}

func (s *standIn) Acknowledge(_ context.Context, c model.Command, by string) ([]model.Outcome, error) {
	var out []model.Outcome
	for _, name := range c.Names {
		done := "is acknowledged"
		if !c.Until.IsZero() {
			done += " for a while"
		}
		out = append(out, model.Outcome{Service: name, Done: done, Idle: by == ""})
	}
	return out, nil
}

// Hear has a file "signals", in the directory of the script, tell of all that was heard. Of runs it tells that they are
// named.
func (s *standIn) Hear(_ context.Context, name string, sig model.Signal) error {
	if name != "backup" {
		return fmt.Errorf("no heartbeat is named %q", name)
	}
	if len(sig.Run) == 36 {
		sig.Run = "UUID"
	}
	text, err := json.Marshal(sig)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.dir, "signals"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, "%s\n", text)
	return err
}

// Reached has a file "reached", in the directory of the script, tell who was reached by tests.
func (s *standIn) Reached(channel, address string) {
	f, err := os.OpenFile(filepath.Join(s.dir, "reached"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return // which the script shows
	}
	defer f.Close()
	_, _ = fmt.Fprintln(f, channel, address)
}

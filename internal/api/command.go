package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"orderly/internal/model"
)

var commandKinds = []model.CommandKind{
	model.CommandStart, model.CommandStop, model.CommandRestart, model.CommandReload,
	model.CommandMonitor, model.CommandUnmonitor, model.CommandCheck, model.CommandAcknowledge,
}

// DecodeCommand reads one command and nothing else. It names its services in exactly one way: by name, by
// group, or all of them.
func DecodeCommand(r io.Reader) (model.Command, error) {
	var c model.Command
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return model.Command{}, fmt.Errorf("cannot read the command: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return model.Command{}, errors.New("cannot read the command: something follows it")
	}
	if !slices.Contains(commandKinds, c.Kind) {
		return model.Command{}, fmt.Errorf("cannot read the command: there is no kind %q", c.Kind)
	}
	if !c.Until.IsZero() && c.Kind != model.CommandAcknowledge {
		return model.Command{}, fmt.Errorf("cannot read the command: %s does not last until a time", c.Kind)
	}
	ways := 0
	for _, used := range []bool{len(c.Names) > 0, c.Group != "", c.All} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return model.Command{}, errors.New("cannot read the command: it must have one of names, group and all")
	}
	return c, nil
}

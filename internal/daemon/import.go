package daemon

import (
	"io"
	"strings"
	"time"

	"orderly/internal/engine"
	"orderly/internal/monit"
)

// sameBoot is how far two clocks' opinions of when the machine was started may differ.
const sameBoot = time.Minute

// maxStateFile bounds a state file of Monit: 392 bytes for each service.
const maxStateFile = 40 << 20

// takeOver reads what Monit kept of the services, when orderly itself has kept nothing yet: what an operator had switched
// off stays off. It returns nil when there is no such file.
func (d *instance) takeOver(path string) (saved map[string][]byte, rebooted bool) {
	if path == "" {
		return nil, false
	}
	f, err := openRegular(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxStateFile))
	if err != nil {
		d.log.Warn("cannot read Monit's state", "err", err)
		return nil, false
	}
	state, err := monit.ParseState(data)
	if err != nil {
		d.log.Warn("services begin anew", "file", path, "err", err)
		return nil, false
	}
	saved = map[string][]byte{}
	for _, s := range state.Services {
		saved[strings.ToLower(s.Name)] = engine.Remembered(s.Monitored, s.Restarts, s.Cycles, s.Bookmark)
	}
	d.log.Info("took over what Monit kept of its services", "file", path, "services", len(saved))
	away := state.Boot.Sub(d.host.BootTime(time.Now())).Abs()
	return saved, away > sameBoot
}

package daemon

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/store"
)

// Keys of what is kept besides services and events.
const (
	metaBoot     = "boot"
	metaInstance = "instance"
	metaSilences = "silences"
)

// A keeper keeps the engine's state in the store.
type keeper struct{ *store.Store }

func (k keeper) Save(service string, kind model.Kind, data []byte) {
	k.Store.Save(store.Record{Service: service, Kind: kind, Data: data})
}

func (k keeper) SaveSilences(data []byte) { k.SetMeta(metaSilences, string(data)) }

// identity names this orderly over its restarts, so that it knows the programs of an earlier run again.
func (d *instance) identity() string {
	id := d.store.Meta(metaInstance)
	if id == "" {
		id = rand.Text()
		d.store.SetMeta(metaInstance, id)
	}
	return id
}

// recall returns what an earlier run kept of the services, and whether the host was started anew since then. Before
// the first run, what Monit kept counts. Boots are told apart by the kernel's boot id, because the time of boot as
// computed from a clock is not exact.
func (d *instance) recall(c *model.Config) (saved map[string][]byte, rebooted bool) {
	saved = map[string][]byte{}
	boot := d.host.BootID()
	rebooted = boot != "" && boot != d.store.Meta(metaBoot)
	d.store.SetMeta(metaBoot, boot)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	records, err := d.store.Records(ctx)
	if err != nil {
		d.log.Error("cannot read what was kept: services begin anew", "err", err)
		return saved, rebooted
	}
	if len(records) == 0 {
		if theirs, since := d.takeOver(c.Settings.Files.State); theirs != nil {
			return theirs, since
		}
	}
	for _, r := range records {
		saved[strings.ToLower(r.Service)] = r.Data
	}
	return saved, rebooted
}

package model

import (
	"slices"
	"testing"
)

// Pins I-14: the names, and with them what a number of each is.
func TestFamilies(t *testing.T) {
	count := map[string]int{"redis": 30, "memcached": 33, "mysql": 56, "nginx": 7, "postgresql": 6, "memstats": 5}
	for _, f := range families {
		names := FamilyNames(f.name)
		if len(names) != count[f.name] || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%s has %d names: %q", f.name, len(names), names)
		}
	}
	if FamilyNames("oracle") != nil {
		t.Error("a family that does not exist has names")
	}
	for m, want := range map[Metric]Unit{
		"redis.used_memory": Bytes, "redis.keyspace_hits": PerSec, "redis.connected_clients": Count,
		"memcached.bytes_read": BytesPerSec, "mysql.Queries": PerSec, "nginx.Waiting": Count,
		"postgresql.blk_hit_rate": Percent, "memstats.TotalAlloc": BytesPerSec, "redis.nothing": Count,
	} {
		if got := m.Unit(); got != want {
			t.Errorf("%s counts %q, want %q", m, got, want)
		}
	}
}

package model

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
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
	for m, want := range map[Metric]string{"redis.used_memory": "redis", "redis.nothing": "", "cpu.user": "", "": ""} {
		if got := m.Family(); got != want {
			t.Errorf("%q is of the family %q, want %q", m, got, want)
		}
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

// Every metric that has a name is known, so that rules may ask for it.
func TestMetricsAreKnown(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "metric.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if kind, is := specType(spec); !ok || !is || kind != "Metric" {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if names++; err != nil || !Metric(name).Known() {
			t.Errorf("%s is not in units (%v)", name, err)
		}
		return false
	})
	if names < 100 {
		t.Errorf("only %d metrics were found", names)
	}
	if Metric("nothing").Known() || !FamilyMetric("redis", "used_memory").Known() {
		t.Error("what is known is not what is there")
	}
}

func specType(spec *ast.ValueSpec) (name string, ok bool) {
	if spec == nil {
		return "", false
	}
	id, ok := spec.Type.(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}

package inq

import (
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// hostMetrics are the measurements of the host besides those of its filesystems. Inspeqtor has none of its memory.
var hostMetrics = map[string]model.Metric{
	"cpu": model.Cores, "cpu:user": model.CoresUser, "cpu:system": model.CoresSystem,
	"cpu:iowait": model.CoresWait, "cpu:steal": model.CoresSteal,
	"load:1": model.Load1, "load:5": model.Load5, "load:15": model.Load15,
	"swap": model.SwapPercent, "memory": model.MemoryPercent,
}

// processMetrics are the measurements of the process of a service. Of the processor, "total" is what children have
// used that ended; of memory, what children use that live.
var processMetrics = map[string]model.Metric{
	"memory:rss": model.Memory, "memory:total_rss": model.MemTotal,
	"cpu:user": model.CoresUser, "cpu:system": model.CoresSystem,
	"cpu:total_user": model.CoresUserEnded, "cpu:total_system": model.CoresSysEnded,
}

// likely finds the measurement that was perhaps meant by a name. Early releases wrote "cpu_user" and "load(5m)".
func likely(name string, known map[string]model.Metric) string {
	name = strings.TrimSuffix(strings.NewReplacer("_", ":", "-", ":").Replace(name), "m")
	name = strings.TrimPrefix(name, "loadavg:")
	for _, each := range []string{name, "load:" + name} {
		if _, is := known[each]; is {
			return each
		}
	}
	names := listed(known)
	if near := diag.Nearest(name, names); near != "" {
		return near
	}
	family, _, _ := strings.Cut(name, ":")
	for _, each := range names {
		if each == family || strings.HasPrefix(each, family+":") {
			return each
		}
	}
	return ""
}

func listed(known map[string]model.Metric) (names []string) {
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

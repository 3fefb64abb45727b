package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"orderly/internal/model"
)

// A mount is one mounted filesystem.
type mount struct{ device, path, kind string }

// Bounds of the built-in configuration: how full a filesystem may be in per cent, and how many are watched.
const (
	fullness       = 90
	maxFilesystems = 64
)

// builtin is the configuration of a host that has none: it watches the host and its filesystems, and only tells.
func builtin(host string, mounted []mount) *model.Config {
	c := &model.Config{Settings: model.Settings{Host: host, Limits: model.DefaultLimits()}}
	c.Services = append(c.Services, &model.Service{
		Name: host, Kind: model.KindSystem, Mode: model.Passive, Limits: model.DefaultLimits(),
	})
	taken := map[string]bool{strings.ToLower(host): true}
	devices := map[string]bool{}
	for _, m := range mounted {
		if !isReal(m) || devices[m.device] || len(devices) == maxFilesystems {
			continue
		}
		devices[m.device] = true
		c.Services = append(c.Services, &model.Service{
			Name: serviceName(m.path, taken), Kind: model.KindFilesystem, Mode: model.Passive,
			Subject: model.Subject{Path: m.path}, Limits: model.DefaultLimits(),
			Rules: []model.Rule{full("space", model.SpacePercent), full("inodes", model.InodesPercent)},
		})
	}
	return c
}

func full(what string, m model.Metric) model.Rule {
	alert := []model.Action{{Kind: model.ActAlert}}
	return model.Rule{
		Text: fmt.Sprintf("%s usage > %d%%", what, fullness), Topic: model.TopicResource, Metric: m,
		Op: model.Greater, Operand: model.Num(fullness), Then: alert, Else: alert, Implicit: true,
	}
}

// kinds of filesystem whose device is no path under /dev, and such as are always full.
var (
	pooled    = []string{"zfs", "btrfs", "overlay", "bcachefs"}
	imageLike = []string{"squashfs", "iso9660", "udf", "erofs"}
)

// isReal tells a filesystem that holds data of this host from views of the kernel, containers and images.
func isReal(m mount) bool {
	switch {
	case slices.Contains(imageLike, m.kind):
		return false
	case m.kind == "overlay":
		return m.path == "/"
	}
	return strings.HasPrefix(m.device, "/dev/") || slices.Contains(pooled, m.kind)
}

// serviceName makes a name of a mount point: "root", "boot-efi". Names differ, and none begins with a slash.
func serviceName(mountPoint string, taken map[string]bool) string {
	base := strings.ReplaceAll(strings.Trim(path.Clean(mountPoint), "/"), "/", "-")
	if base == "" {
		base = "root"
	}
	name := base
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	taken[strings.ToLower(name)] = true
	return name
}

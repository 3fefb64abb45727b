package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker in releases: -X orderly/internal/cli.version=1.2.3.
var version string

// buildVersion is the version of this program, "devel" outside releases.
func buildVersion(info *debug.BuildInfo) string {
	if version != "" {
		return version
	}
	if info == nil || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

// buildDetails is "orderly 1.2.3 (go1.26.0, linux/amd64, 0123456789ab)"; the commit is left out where it is not known.
func buildDetails(info *debug.BuildInfo) string {
	details := []string{runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if commit := buildCommit(info); commit != "" {
		details = append(details, commit)
	}
	return fmt.Sprintf("orderly %s (%s)", buildVersion(info), strings.Join(details, ", "))
}

func buildCommit(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return ""
	}
	commit = commit[:min(12, len(commit))]
	if settings["vcs.modified"] == "true" {
		commit += " with changes"
	}
	return commit
}

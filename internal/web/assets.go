package web

import (
	"embed"

	"orderly/internal/asset"
)

// The style sheet and the script of every page, and what `make assets` bundled, which may be nothing.
var (
	//go:embed assets
	ownFiles embed.FS
	//go:embed dist
	builtFiles embed.FS
)

// assets are what pages refer to.
type assets struct{ *asset.Shelf }

func newAssets() assets { return assets{asset.New(ownFiles, builtFiles)} }

// path is where a file is found; "" for one that is not there.
func (a assets) path(name string) string {
	if !a.has(name) {
		return ""
	}
	return "/assets/" + a.File(name)
}

func (a assets) has(name string) bool { return a.File(name) != "" }

package public

import (
	"embed"

	"orderly/internal/asset"
)

//go:embed assets
var assetFiles embed.FS

// assets are what pages refer to.
type assets struct{ *asset.Shelf }

func newAssets() assets { return assets{asset.New(assetFiles)} }

// path is where a file is found below the root.
func (a assets) path(name string) string { return "assets/" + a.File(name) }

package public

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// The limits of files that the owner of a page adds.
const (
	maxLogo  = 1 << 20
	maxStyle = 256 << 10
)

var logoKinds = map[string]string{
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".ico": "image/x-icon",
}

// logo sends the owner's logo.
func (s *Site) logo(v *visit) (*reply, error) {
	kind := logoKinds[strings.ToLower(filepath.Ext(v.view.Page.Logo))]
	if v.view.Page.Logo == "" || kind == "" {
		return nil, errNowhere
	}
	data, err := readBounded(v.view.Page.Logo, maxLogo)
	if err != nil {
		s.Log.Warn("the status page is without its logo", "err", err)
		return nil, errNowhere
	}
	r := newReply(kind, data)
	r.policy = picturePolicy
	return r, nil
}

// ownStyle sends the owner's colour and style sheet.
func (s *Site) ownStyle(v *visit) (*reply, error) {
	text := accents(v.view.Page.Color)
	if v.view.Page.CSS != "" {
		own, err := readBounded(v.view.Page.CSS, maxStyle)
		if err != nil {
			s.Log.Warn("the status page is without its style sheet", "err", err)
		}
		text += string(own)
	}
	return newReply("text/css; charset=utf-8", []byte(text)), nil
}

// readBounded reads a regular file, if it is not larger than a page may have.
func readBounded(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("cannot use %s: it is no file of at most %d KiB", path, most>>10)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// The grounds that accents must be read on, light and dark.
const (
	lightGround = "#f7f7f4"
	darkGround  = "#171a1d"
	legible     = 4.5 // contrast that small text needs
)

var colorText = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

// accents has links and charts be of a colour: as it is where it can be read, otherwise darker or lighter.
func accents(color string) string {
	if !colorText.MatchString(color) {
		return ""
	}
	light, dark := toward(color, lightGround, 0), toward(color, darkGround, 255)
	return fmt.Sprintf(":root{--accent:%s}\n@media (prefers-color-scheme:dark){:root:not([data-theme=light]){--accent:%s}}\n:root[data-theme=dark]{--accent:%s}\n", light, dark, dark)
}

// toward moves a colour to black or white until it can be read on a ground.
func toward(color, ground string, end float64) string {
	c := rgb(color)
	for step := 0; contrast(c, rgb(ground)) < legible && step < 100; step++ {
		for i := range c {
			c[i] += (end - c[i]) * 0.06
		}
	}
	return fmt.Sprintf("#%02x%02x%02x", int(c[0]), int(c[1]), int(c[2]))
}

// rgb reads a colour as in "#0a7" or "#00aa77".
func rgb(color string) (c [3]float64) {
	color = strings.TrimPrefix(color, "#")
	if len(color) == 3 {
		color = string([]byte{color[0], color[0], color[1], color[1], color[2], color[2]})
	}
	for i := range c {
		n, err := strconv.ParseUint(color[2*i:2*i+2], 16, 8)
		if err != nil {
			return c
		}
		c[i] = float64(n)
	}
	return c
}

// contrast is how well one colour can be told from another, from 1 to 21 (WCAG).
func contrast(a, b [3]float64) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c [3]float64) float64 {
	for i, n := range c {
		if n /= 255; n <= 0.03928 {
			c[i] = n / 12.92
		} else {
			c[i] = math.Pow((n+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

// iconOf is the name of the icon of how everything is.
func (s *Site) iconOf(v *visit) string { return v.banner().Class }

var iconColors = map[string]string{
	"ok": "#1a9a58", "degraded": "#d99a1c", "partial": "#e2701c", "major": "#d2384c", "unknown": "#7a808b", "maintenance": "#5b7be0",
}

var iconShapes = map[string]string{
	"ok": `<path d="m9.5 16.6 4.4 4.3 8.6-9.2"/>`, "degraded": `<path d="M16 9v8m0 5v.2"/>`, "partial": `<path d="M16 9v8m0 5v.2"/>`,
	"major": `<path d="m11 11 10 10m0-10-10 10"/>`, "unknown": `<path d="M10 16h12"/>`, "maintenance": `<path d="M16 9.5V16l4.4 3.2"/>`,
}

// icon sends the icon of a state, or of that of everything (P-228).
func (s *Site) icon(v *visit) (*reply, error) {
	name := v.banner().Class
	if file := v.values["icon"]; file != "" {
		name = strings.TrimSuffix(file, ".svg")
	}
	if iconColors[name] == "" {
		return nil, errNowhere
	}
	r := newReply("image/svg+xml; charset=utf-8", []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="`+
		iconColors[name]+`"/><g fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round">`+iconShapes[name]+`</g></svg>`))
	r.policy = picturePolicy
	return r, nil
}

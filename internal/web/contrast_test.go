package web

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// palettes reads the colours of the style sheet: the light ones, then the dark ones by preference and by choice.
func palettes(t *testing.T) []map[string]string {
	t.Helper()
	css, err := ownFiles.ReadFile("assets/app.css")
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for block := range strings.SplitSeq(string(css), "{") {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([\w-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
			colours[m[1]] = m[2]
		}
		if len(colours) > 5 {
			out = append(out, colours)
		}
	}
	return out
}

// luminance is how bright a colour is, as WCAG 2 defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatalf("%q is no colour", hex)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

// Every text has the contrast that WCAG AA asks for (P-233), in both themes; the dark one is written twice and must be one.
func TestContrast(t *testing.T) {
	all := palettes(t)
	if len(all) != 3 {
		t.Fatalf("there are %d palettes", len(all))
	}
	for name, colour := range all[1] {
		if all[2][name] != colour {
			t.Errorf("--%s is %s by preference and %s by choice", name, colour, all[2][name])
		}
	}
	for i, p := range all {
		for _, text := range []string{"ink", "soft", "accent", "ok", "failing", "warning", "acting", "unknown", "unmonitored"} {
			for _, ground := range []string{"ground", "surface", "raised", "failing-ground"} {
				a, b := luminance(t, p[text]), luminance(t, p[ground])
				if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
					t.Errorf("palette %d: %s on %s has a contrast of %.2f", i, text, ground, ratio)
				}
			}
		}
		for _, tone := range []string{"failing", "warning"} {
			a, b := luminance(t, p["on-tone"]), luminance(t, p[tone])
			if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
				t.Errorf("palette %d: text on %s has a contrast of %.2f", i, tone, ratio)
			}
		}
	}
}

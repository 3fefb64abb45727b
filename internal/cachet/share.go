package cachet

import (
	"net/http"
	"slices"
	"strings"
)

// shareWithScripts tells browsers that scripts of other pages may read what is public (P-014).
func (c *call) shareWithScripts(found route, methods []string) {
	reads := slices.Contains(methods, http.MethodGet)
	asks := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead || c.r.Method == http.MethodOptions
	if !reads || !asks || found.need == general || slices.Contains(found.parts, "subscribers") {
		return
	}
	h := c.w.Header()
	origins := c.view.Page.Origins
	if len(origins) == 0 {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Add("Vary", "Origin")
		origin := c.r.Header.Get("Origin")
		if !slices.Contains(origins, origin) && !slices.Contains(origins, "*") || origin == "" {
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
	}
	if c.r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
		h.Set("Access-Control-Allow-Headers", "X-Cachet-Token")
		h.Set("Access-Control-Max-Age", "3600")
	}
}

// acceptsJSON tells whether JSON is among what a client takes (P-009).
func acceptsJSON(accept []string) bool {
	all := strings.TrimSpace(strings.Join(accept, ","))
	if all == "" {
		return true
	}
	for kind := range strings.SplitSeq(all, ",") {
		kind, params, _ := strings.Cut(kind, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		named := kind == "*/*" || kind == "application/*" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "json")
		if named && !refused(params) {
			return true
		}
	}
	return false
}

// refused tells whether the quality of something that is accepted is none.
func refused(params string) bool {
	for one := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		if strings.EqualFold(name, "q") && strings.Trim(value, "0.") == "" && value != "" {
			return true
		}
	}
	return false
}

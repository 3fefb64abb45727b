package status

import (
	"strings"
	"testing"
	"time"
)

// Pins P-091.
func TestTemplates(t *testing.T) {
	vars := map[string]any{
		"name": "Shop", "n": 3, "empty": "", "yes": true, "at": time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC), "when": "2026-03-01 09:05",
		"incident": map[string]any{"name": "<Fire>", "component": map[string]any{"name": "Web"}},
		"list":     []any{map[string]any{"id": 1}, map[string]any{"id": 2}},
	}
	for _, c := range []struct{ text, want string }{
		{"plain {braces} }} and %}", "plain {braces} }} and %}"},
		{"{{ name }}{{name}}", "ShopShop"},
		{"{{ incident.component.name }} {{ incident.name }}", "Web <Fire>"},
		{"{{ nothing.at.all }}{{ incident }}|", "|"},
		{"{{ name|upper }} {{ name | lower }}", "SHOP shop"},
		{"{{ empty|default('n|o}') }} {{ name|default('no') }}", "n|o} Shop"},
		{"{{ at|date('Y-m-d H:i') }} {{ when|date('j M y') }} {{ 'x'|date('Y') }}", "2026-03-01 09:05 1 Mar 26 x"},
		{"{% if name %}a{% else %}b{% endif %}{% if empty %}a{% else %}b{% endif %}", "ab"},
		{"{% if n == 2 %}two{% elseif n == '3' %}three{% else %}many{% endif %}", "three"},
		{"{% if not yes %}a{% endif %}{% if name != 'Shop' %}b{% endif %}{% if list %}c{% endif %}", "c"},
		{"{% for x in list %}{{ x.id }}{% if x.id == 1 %}, {% endif %}{% endfor %}{{ x }}", "1, 2"},
		{"{% for x in name %}never{% endfor %}", ""},
		{"a{# {{ remark }} #}b", "ab"},
		{"{%- if yes -%}a{%- endif -%}", "a"},
		{"{{ 'text' }}{{ 1.5 }}{{ true }}", "text1.5true"},
	} {
		tpl, err := ParseTemplate("", "t", c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got, err := tpl.Render(vars); got != c.want || err != nil {
			t.Errorf("%s is %q, not %q (%v)", c.text, got, c.want, err)
		}
	}
}

func TestTemplatesRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{{ name":                    "has no }}",
		"a\n\n{% include 'x' %}":     "line 3: {% include %} is not among",
		"{{ name|raw }}":             "no filter \"raw\"",
		"{{ name|default }}":         "needs a text",
		"{{ range(1, 9) }}":          "is no name",
		"{{ a + b }}":                "is no name",
		"{{ _self.env }}{{ a.b() }}": "is no name",
		"{% if a %}":                 "has no {% endif %}",
		"{% if a %}{% else %}{% else %}{% endif %}": "has no {% endif %}",
		"{% endif %}":                      "ends nothing",
		"{% for a %}{% endfor %}":          "a loop is written",
		"{% for a in b %}{% endif %}":      "has no {% endfor %}",
		strings.Repeat("{% if a %}", 1000): "nested too deeply",
		strings.Repeat("a", maxTemplate+1): "longer than",
	} {
		if _, err := ParseTemplate("", "t", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	list := make([]any, 1000)
	for text, want := range map[string]bool{
		"{% for a in list %}{% for b in list %}{% for c in list %}{% if a %}{% endif %}{% endfor %}{% endfor %}{% endfor %}": false,
		"{% for a in list %}" + strings.Repeat("x", 100) + "{% endfor %}":                                                    false,
		"{% for a in list %}x{% endfor %}": true,
	} {
		tpl, err := ParseTemplate("", "t", text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tpl.Render(map[string]any{"list": list}); (err == nil) != want || len(got) > maxText {
			t.Errorf("%.40q makes %d bytes: %v", text, len(got), err)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("{% for x in list %}{{ x|upper|default('y') }}{% if x == 'a' %}{# r #}{% elseif not x %}{% else %}{% endif %}{% endfor %}")
	f.Add("{{ a.b.c|date(\"Y\") }}")
	f.Fuzz(func(t *testing.T, text string) {
		tpl, err := ParseTemplate("", "t", text)
		if err != nil {
			return
		}
		out, err := tpl.Render(map[string]any{"list": []any{"a", "b"}, "a": map[string]any{"b": map[string]any{"c": "1"}}})
		if len(out) > maxText || err != nil && out != "" {
			t.Errorf("%d bytes, %v", len(out), err)
		}
	})
}

package monit

import (
	"slices"
	"strings"
	"testing"

	"orderly/internal/model"
)

// named makes services, each written as its name and its groups.
func named(list ...string) []model.Snapshot {
	out := make([]model.Snapshot, len(list))
	for i, words := range list {
		fields := strings.Fields(words)
		out[i].Spec = &model.Service{Name: fields[0], Groups: fields[1:]}
	}
	return out
}

func TestMatch(t *testing.T) { // C-08
	services := named("web1", "web2", "myweb1", "a+b", "[odd", "Büro")
	for name, want := range map[string][]int{
		"web1":               {0},
		"WEB1":               {0},
		"web":                nil,
		"web.":               {0, 1},
		"web[[:digit:]]":     {0, 1},
		"^web":               {0, 1},
		"web1$":              {0, 2},
		"web1|2":             {0, 1}, // each anchor holds for the branch next to it
		"(my)?web1":          {0, 2},
		`we\w1`:              {0},
		"a+b":                {3}, // the name itself, though as an expression it is another
		"[odd":               {4}, // no expression at all
		"[other":             nil,
		"bÜro":               {5},
		".*":                 {0, 1, 2, 3, 4, 5},
		"":                   nil,
		"web1\nweb2":         nil,
		"(web1){1,2000}":     nil,
		`(.)\1`:              nil,
		"((a{900}){900}){9}": nil,

		strings.Repeat(".*", maxExpression/2):   {0, 1, 2, 3, 4, 5},
		strings.Repeat(".*", maxExpression/2+1): nil, // it would match, and grow with what is sent
	} {
		if got := Match(name, services); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestSelect(t *testing.T) { // C-08, C-09
	services := named("one app", "two", "three APP base", "four base")
	for _, c := range []struct {
		names  []string
		group  string
		want   string
		failed string
	}{
		{nil, "", "one two three four", ""},
		{[]string{""}, "", "one two three four", ""},
		{[]string{"two"}, "", "two", ""},
		{[]string{"four", "t.*", "two"}, "", "two three four", ""},
		{[]string{"two", "zz"}, "", "", "Service 'zz' not found"},
		{nil, "App", "one three", ""},
		{[]string{"two"}, "base", "three four", ""}, // a group outdoes a name
		{nil, "ap", "", "Service group 'ap' not found"},
		{nil, ".*", "", "Service group '.*' not found"},
	} {
		chosen, err := Select(services, c.names, c.group)
		var got []string
		for i := range chosen {
			got = append(got, chosen[i].Spec.Name)
		}
		failed := ""
		if err != nil {
			failed = err.Error()
		}
		if strings.Join(got, " ") != c.want || failed != c.failed {
			t.Errorf("%q of group %q: got %q and %q, want %q and %q", c.names, c.group, got, failed, c.want, c.failed)
		}
	}
}

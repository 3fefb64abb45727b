package cachet

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a page of a list (P-031).
const (
	defaultPerPage = 20
	maxPerPage     = 1000
)

// A column is something of the things in a list that they can be searched and sorted by (a.4).
type column[T any] struct {
	name   string
	value  func(T) any // int64, float64 or string
	search bool
	sort   bool
}

// columnInt and its likes are columns that things can be searched and sorted by.
func columnInt[T any](name string, value func(T) int64) column[T] {
	return column[T]{name, func(t T) any { return value(t) }, true, true}
}

func columnText[T any](name string, value func(T) string) column[T] {
	return column[T]{name, func(t T) any { return value(t) }, true, true}
}

func columnFloat[T any](name string, value func(T) float64) column[T] {
	return column[T]{name, func(t T) any { return value(t) }, true, true}
}

// sorted is the same column for sorting only.
func (c column[T]) sorted() column[T] {
	c.search = false
	return c
}

// sought is the same column for searching only.
func (c column[T]) sought() column[T] {
	c.sort = false
	return c
}

func asInt(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// is tells whether a column of a thing has a value (P-040).
func (c column[T]) is(t T, want string) bool {
	switch v := c.value(t).(type) {
	case int64:
		switch strings.ToLower(want) {
		case "true":
			want = "1"
		case "false":
			want = "0"
		}
		n, err := strconv.ParseInt(want, 10, 64)
		return err == nil && n == v
	case string:
		return strings.EqualFold(v, want)
	}
	return false
}

func (c column[T]) compare(a, b T) int {
	switch x := c.value(a).(type) {
	case int64:
		return cmp.Compare(x, c.value(b).(int64))
	case float64:
		return cmp.Compare(x, c.value(b).(float64))
	case string:
		return strings.Compare(strings.ToLower(x), strings.ToLower(c.value(b).(string)))
	}
	return 0
}

// narrow leaves what a request searches for, in the order that it wants. What it names and is no column is ignored.
func narrow[T any](in *input, all []T, columns []column[T]) []T {
	out := slices.Clone(all)
	for _, col := range columns {
		want, ok := in.members[col.name].(string)
		if !ok || !col.search || col.name == "order" && !isNumber(want) {
			continue
		}
		out = slices.DeleteFunc(out, func(t T) bool { return !col.is(t, want) })
	}
	by, _ := in.members["sort"].(string)
	direction, _ := in.members["order"].(string)
	return arrange(out, columns, by, strings.EqualFold(direction, "desc"))
}

func isNumber(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// arrange sorts by a column, if there is one of that name (P-041).
func arrange[T any](list []T, columns []column[T], by string, down bool) []T {
	i := slices.IndexFunc(columns, func(c column[T]) bool { return c.sort && c.name == by })
	if i < 0 {
		return list
	}
	slices.SortStableFunc(list, func(a, b T) int {
		if down {
			a, b = b, a
		}
		return columns[i].compare(a, b)
	})
	return list
}

// pagination is where in a list a page is (P-030).
type pagination struct {
	Total       int       `json:"total"`
	Count       int       `json:"count"`
	PerPage     int       `json:"per_page"`
	CurrentPage int       `json:"current_page"`
	TotalPages  int       `json:"total_pages"`
	Links       pageLinks `json:"links"`
}

type pageLinks struct {
	Next     *string `json:"next_page"`
	Previous *string `json:"previous_page"`
}

// paged answers with the page of a list that a request wants, its things rendered.
func paged[T, R any](c *call, all []T, render func(T) R) (any, error) {
	p := pagination{Total: len(all), PerPage: c.in.count("per_page", defaultPerPage, maxPerPage)}
	p.CurrentPage = c.in.count("page", 1, 1<<31)
	p.TotalPages = max(1, (p.Total+p.PerPage-1)/p.PerPage)
	from, to := cut(p.Total, p.CurrentPage, p.PerPage)
	data := make([]R, 0, to-from)
	for _, t := range all[from:to] {
		data = append(data, render(t))
	}
	p.Count = len(data)
	if p.CurrentPage < p.TotalPages {
		p.Links.Next = c.pageLink("page", p.CurrentPage+1)
	}
	if p.CurrentPage > 1 {
		p.Links.Previous = c.pageLink("page", p.CurrentPage-1)
	}
	return reply{Meta: map[string]pagination{"pagination": p}, Data: data}, nil
}

// cut is where a page begins and ends in a list.
func cut(total, page, per int) (from, to int) {
	if page-1 > total/per {
		return total, total
	}
	from = min(total, (page-1)*per)
	return from, min(total, from+per)
}

// count is a member that is a number above 0, at most so large. Anything else is the default.
func (in *input) count(name string, otherwise, most int) int {
	text, _ := in.members[name].(string)
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, most)
}

// pageLink is the address of another page of the same list.
func (c *call) pageLink(name string, page int) *string {
	query, _ := url.ParseQuery(c.r.URL.RawQuery)
	query.Set(name, strconv.Itoa(page))
	link := c.host() + c.r.URL.EscapedPath() + "?" + query.Encode()
	return &link
}

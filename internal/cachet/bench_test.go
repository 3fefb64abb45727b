package cachet

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	"orderly/internal/model"
	"orderly/internal/status"
)

// BenchmarkComponents is what most requests ask for, of a page with a hundred components.
func BenchmarkComponents(b *testing.B) { // P-241
	book, err := status.Open(context.Background(), status.Options{Keeper: &shelf{}})
	if err != nil {
		b.Fatal(err)
	}
	page := model.DefaultStatusPage()
	page.Zone = "Europe/Berlin"
	book.Configure(page, nil, "demo")
	by := status.Actor{Name: "ada", Scope: model.ScopeAdmin}
	for n := range 100 {
		if _, err := book.SaveComponent(b.Context(), by, 0, status.How{}, func(c *status.Component) {
			c.Name, c.Health, c.Tags = fmt.Sprintf("component %d", n), status.Operational, []string{"demo", "host"}
		}); err != nil {
			b.Fatal(err)
		}
	}
	h := New(Options{Book: book, Identify: identify})
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "http://status.example.org/api/v1/components", nil))
	}
}

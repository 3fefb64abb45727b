package daemon

import (
	"strings"
	"testing"

	"orderly/internal/model"
	"orderly/internal/store"
)

// TestNewErrandsKeepWhatIsLeft accepts a command in the time between the start and the resumption of older ones: the web
// interface is open by then.
func TestNewErrandsKeepWhatIsLeft(t *testing.T) { // C-28
	_, o, log := onceOn(t, "check file one with path @DIR@/one\n")
	d := newInstance(o)
	var err error
	if d.store, err = store.Open(o.StateDir, d.log); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	defer func() { _ = d.store.Close() }()
	for _, kind := range []model.CommandKind{model.CommandStart, model.CommandStop} {
		if _, err := newErrands(t.Context(), d).add(model.Command{Kind: kind}); err != nil {
			t.Fatal(err)
		}
	}

	q := newErrands(t.Context(), d)
	e, err := q.add(model.Command{Kind: model.CommandRestart})
	if err != nil {
		t.Fatal(err)
	}
	q.done(e.ID)
	if left := d.store.Meta(metaErrands); !strings.Contains(left, `"start"`) || !strings.Contains(left, `"stop"`) || strings.Contains(left, `"restart"`) {
		t.Errorf("kept: %s", left)
	}
	if len(q.left) != 2 || q.left[0].Command.Kind != model.CommandStart || q.left[1].Command.Kind != model.CommandStop {
		t.Errorf("to be resumed: %+v", q.left)
	}
}

// Package top shows live in a terminal how everything on a host is, and has services restarted, silenced and watched.
//
// What is seen is a screen: it takes keys and answers, says what it wants asked or done, and is drawn as lines. All of
// that is pure. The terminal and the running orderly are at the edge. Entry point: [Run].
package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// A Witness tells how everything is. Its methods are called side by side and obey their context.
type Witness interface {
	Status(ctx context.Context, q client.StatusQuery) (model.HostStatus, error)
	Events(ctx context.Context, q client.EventQuery) iter.Seq2[model.Event, error]
	Why(ctx context.Context, service string) (story.Story, error)
	History(ctx context.Context, q client.HistoryQuery) (client.HistoryReply, error)
}

// A Commander changes something. Its methods return when the change is sure to happen.
type Commander interface {
	Ask(ctx context.Context, c model.Command) error
	Silence(ctx context.Context, s model.Silence) (model.Silence, error)
}

// Options are what a view needs.
type Options struct {
	Witness   Witness
	Commander Commander
	Input     io.Reader // a terminal
	Output    io.Writer // the same one
	Environ   []string
	Colour    bool
	User      string // who asks for silences
}

// Run shows everything until the user has enough, which is no error. It fails at once if nobody answers, and goes on if
// somebody did and no longer does.
func Run(ctx context.Context, o Options) error {
	within, cancel := context.WithCancel(ctx)
	desk := &desk{witness: o.Witness, commander: o.Commander, user: o.User}
	defer desk.close()
	defer cancel()
	begin := newScreen(time.Now())
	first, _ := desk.fulfil(within, begin.look()).(seen)
	if first.err != nil {
		return first.err
	}
	begin, _ = begin.react(first)
	fulfil := func(wish any) any { return desk.fulfil(within, wish) }
	profile := colorprofile.ASCII
	if o.Colour {
		profile = colorprofile.ANSI // found out by bubbletea itself, it would run tmux
	}
	_, err := tea.NewProgram(window{begin, fulfil},
		tea.WithContext(ctx), tea.WithInput(o.Input), tea.WithOutput(o.Output), tea.WithEnvironment(o.Environ),
		tea.WithColorProfile(profile), tea.WithoutSignalHandler()).Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, tea.ErrProgramPanic):
		return errors.New("cannot go on showing anything: orderly top has a mistake")
	case err != nil:
		return fmt.Errorf("cannot use the terminal: %w", err)
	}
	return nil
}

// A window shows a screen by means of bubbletea, and has done what it asks for.
type window struct {
	screen screen
	fulfil func(wish any) any
}

// beat is how often everything is looked at.
const beat = time.Second

func tick() tea.Cmd { return tea.Tick(beat, func(t time.Time) tea.Msg { return t }) }

func (w window) Init() tea.Cmd { return tick() }

func (w window) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmds []tea.Cmd
	var what any = msg
	switch m := msg.(type) {
	case time.Time:
		cmds = append(cmds, tick())
	case tea.KeyPressMsg:
		what = key{m.Keystroke(), m.Text}
	case tea.PasteMsg:
		what = key{"", m.Content}
	case tea.WindowSizeMsg:
		what = size{m.Width, m.Height}
	}
	next, wishes := w.screen.react(what)
	for _, wish := range wishes {
		cmds = append(cmds, w.command(wish))
	}
	w.screen = next
	return w, tea.Batch(cmds...)
}

// command is how a wish is fulfilled.
func (w window) command(wish any) tea.Cmd {
	switch wish.(type) {
	case leave:
		return tea.Quit
	case pause:
		return tea.Suspend
	}
	return func() tea.Msg { return w.fulfil(wish) }
}

func (w window) View() tea.View {
	v := tea.NewView(w.screen.draw())
	v.AltScreen = true
	return v
}

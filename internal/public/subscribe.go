package public

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/status"
)

// A subscribePage is the form with which people subscribe, or change what they hear of.
type subscribePage struct {
	*frame
	Mails, Hooks bool
	To           string // where the form goes; "": to where it came from
	Choices      []choice
	All          bool
	Leave        string // where a subscription is ended; "": there is none yet
}

// A choice is a group or a component that can be subscribed to.
type choice struct {
	Value, Name string // Value as in "group-1", "component-2"
	Chosen      bool
	Under       bool // a component below its group
}

// subscribing adds what subscribers ask for.
func (s *Site) subscribing(mux *http.ServeMux) {
	mux.Handle("GET /subscribe", s.made(s.subscribeForm, forPeople))
	mux.HandleFunc("POST /subscribe", s.answered(s.subscribe))
	mux.HandleFunc("GET /subscribe/verify/{code}", s.answered(s.confirm))
	mux.HandleFunc("POST /subscribe/verify/{code}", s.answered(s.verify))
	mux.HandleFunc("GET /subscribe/manage/{code}", s.answered(s.manage))
	mux.HandleFunc("POST /subscribe/manage/{code}", s.answered(s.change))
	for _, path := range []string{"/unsubscribe/{code}", "/unsubscribe/{code}/{one}"} {
		mux.HandleFunc("GET "+path, s.answered(s.confirmLeave))
		mux.HandleFunc("POST "+path, s.answered(s.leave))
	}
}

// answered answers one visitor alone.
func (s *Site) answered(h func(v *visit, r *http.Request) (*reply, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(r, forPeople)
		ctx, cancel := context.WithTimeout(r.Context(), readPatience)
		defer cancel()
		made, err := h(v, r.WithContext(ctx))
		var invalid *status.Invalid
		switch {
		case errors.Is(err, status.ErrNotFound):
			err = errNowhere
		case errors.As(err, &invalid):
			err = &refusal{http.StatusUnprocessableEntity, "error.address"}
		}
		if err != nil {
			s.refuse(w, v, r, err)
			return
		}
		made.fleeting = true
		made.send(w, r, v)
	}
}

// mails tells whether visitors may subscribe by mail. Links in mails need an address that no visitor can make up.
func (s *Site) mails(view *status.View) bool {
	return s.Subscriptions != nil && view.Page.Mail && public(view) != "" && s.Mail != nil && s.Mail.Ready()
}

// hooks tells whether visitors may subscribe webhooks.
func (s *Site) hooks(view *status.View) bool { return s.Subscriptions != nil && view.Page.Hooks }

// subscribeForm makes the page with the form.
func (s *Site) subscribeForm(v *visit) (*reply, error) {
	if !s.mails(v.view) && !s.hooks(v.view) {
		return nil, errNowhere
	}
	p := &subscribePage{frame: v.frame(v.lang.T("subscribe.title")), Mails: s.mails(v.view), Hooks: s.hooks(v.view), To: v.link("subscribe"), All: true}
	p.Lasting = true
	p.Choices = v.choices(func(status.Subscription) bool { return false })
	if chosen := "component-" + v.asked.Get("component"); v.asked.Has("component") {
		for n := range p.Choices {
			p.Choices[n].Chosen = p.Choices[n].Value == chosen
		}
	}
	return s.page(v, "subscribe", p)
}

// choices are the groups and components that everybody sees, with those chosen that somebody has.
func (v *visit) choices(has func(status.Subscription) bool) []choice {
	byGroup := map[int64][]choice{}
	for _, c := range v.view.Seen(true) {
		group := c.Group
		if v.view.Group(group) == nil {
			group = 0
		}
		one := choice{Value: "component-" + text(c.ID), Name: c.Name, Under: group != 0, Chosen: has(status.Subscription{Component: c.ID})}
		byGroup[group] = append(byGroup[group], one)
	}
	out := byGroup[0]
	for _, g := range v.view.OrderedGroups(true) {
		if members := byGroup[g.ID]; len(members) > 0 {
			out = append(out, choice{Value: groupText(g.ID), Name: g.Name, Chosen: has(status.Subscription{Group: g.ID})})
			out = append(out, members...)
		}
	}
	return out
}

// chosen reads what a form wants to hear of.
func chosen(values []string) (out []status.Subscription) {
	for _, value := range values {
		kind, number, _ := strings.Cut(value, "-")
		id, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil || id <= 0:
		case kind == "group":
			out = append(out, status.Subscription{Group: id})
		case kind == "component":
			out = append(out, status.Subscription{Component: id})
		}
	}
	return out
}

// subscribe takes a form in. What it answers is the same whether somebody has subscribed before or not.
func (s *Site) subscribe(v *visit, r *http.Request) (*reply, error) {
	if err := r.ParseForm(); err != nil {
		return nil, formError(err)
	}
	form := r.PostForm
	email, hook := strings.TrimSpace(form.Get("email")), strings.TrimSpace(form.Get("hook"))
	switch {
	case email != "" && !s.mails(v.view) || hook != "" && (!s.hooks(v.view) || email != "") || email == "" && hook == "":
		return nil, &refusal{http.StatusUnprocessableEntity, "error.address"}
	case hook != "" && !validHook(hook):
		return nil, &refusal{http.StatusUnprocessableEntity, "error.address"}
	case form.Get("website") != "": // no person sees that field
		return s.report(v, "subscribe.asked", nil)
	case !s.gate.enter(s.Source(r), time.Now()):
		return nil, errTooMany
	}
	sub, fresh, err := s.Subscriptions.Subscribe(r.Context(), status.Actor{}, func(sub *status.Subscriber) {
		sub.Email, sub.Hook, sub.Language, sub.Subscriptions = email, hook, v.lang.Tag, chosen(form["what"])
	})
	if err != nil {
		return nil, err
	}
	if !fresh && s.gate.remind(sub.ID) {
		s.box.remind(v.view, sub)
	}
	if hook == "" {
		return s.report(v, "subscribe.asked", nil)
	}
	return s.report(v, "subscribe.hooked", func(p *report) {
		if fresh { // whoever comes later has not shown that it is theirs
			p.Code, p.To, p.Go = hookSecret(sub.Code), v.link("subscribe/manage/"+sub.Code), v.lang.T("subscribe.change")
		}
	})
}

func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return errForm
}

// report makes a page that says one thing.
func (s *Site) report(v *visit, key string, more func(*report)) (*reply, error) {
	p := &report{frame: v.frame(v.lang.T(key)), Text: v.lang.T(key + ".text")}
	p.Secret = true
	if more != nil {
		more(p)
	}
	return s.page(v, "report", p)
}

// A question is a page with one button: programs that follow links in mails do not press it.
type question struct {
	*frame
	Text, Go string
}

func (s *Site) question(v *visit, heading, text, button string) (*reply, error) {
	p := &question{frame: v.frame(v.lang.T(heading)), Text: v.lang.T(text), Go: v.lang.T(button)}
	p.Secret = true
	return s.page(v, "question", p)
}

// subscriber is whoever has the code in the path.
func (v *visit) subscriber() (*status.Subscriber, error) {
	sub := v.view.SubscriberByCode(v.values["code"])
	if sub == nil || v.site.Subscriptions == nil {
		return nil, errNowhere
	}
	return sub, nil
}

func (s *Site) confirm(v *visit, _ *http.Request) (*reply, error) {
	sub, err := v.subscriber()
	switch {
	case err != nil:
		return nil, err
	case !sub.Verified.IsZero():
		return s.confirmed(v, sub)
	}
	return s.question(v, "subscribe.confirm", "subscribe.confirm.text", "subscribe.confirm.go")
}

func (s *Site) verify(v *visit, r *http.Request) (*reply, error) {
	sub, err := v.subscriber()
	if err != nil || sub.Hook != "" { // a webhook shows by itself that it wants that
		return nil, errNowhere
	}
	if _, err := s.Subscriptions.Verify(r.Context(), sub.Code); err != nil {
		return nil, err
	}
	return s.confirmed(v, sub)
}

func (s *Site) confirmed(v *visit, sub *status.Subscriber) (*reply, error) {
	return s.report(v, "subscribe.confirmed", func(p *report) {
		p.To, p.Go = v.link("subscribe/manage/"+sub.Code), v.lang.T("subscribe.change")
	})
}

func (s *Site) manage(v *visit, _ *http.Request) (*reply, error) {
	sub, err := v.subscriber()
	if err != nil {
		return nil, err
	}
	p := &subscribePage{frame: v.frame(v.lang.T("subscribe.manage")), All: sub.All, Leave: v.link("unsubscribe/" + sub.Code)}
	p.Secret = true
	p.Choices = v.choices(func(want status.Subscription) bool {
		return slices.ContainsFunc(sub.Subscriptions, func(have status.Subscription) bool {
			return have.Component == want.Component && have.Group == want.Group
		})
	})
	return s.page(v, "subscribe", p)
}

func (s *Site) change(v *visit, r *http.Request) (*reply, error) {
	sub, err := v.subscriber()
	if err != nil {
		return nil, err
	}
	if err := r.ParseForm(); err != nil {
		return nil, formError(err)
	}
	if _, err := s.Subscriptions.Resubscribe(r.Context(), sub.Code, chosen(r.PostForm["what"])); err != nil {
		return nil, err
	}
	return s.report(v, "subscribe.saved", func(p *report) {
		p.To, p.Go = v.link("subscribe/manage/"+sub.Code), v.lang.T("subscribe.change")
	})
}

func (s *Site) confirmLeave(v *visit, _ *http.Request) (*reply, error) {
	if _, err := v.subscriber(); err != nil { // the link was followed before
		return s.report(v, "unsubscribe.done", nil)
	}
	return s.question(v, "unsubscribe", "unsubscribe.text", "unsubscribe")
}

// leave ends a subscription, or all of them. Mail programs ask for it with one click (RFC 8058), and may ask twice.
func (s *Site) leave(v *visit, r *http.Request) (*reply, error) {
	sub, err := v.subscriber()
	if err != nil {
		return s.report(v, "unsubscribe.done", nil)
	}
	rest := []status.Subscription{}
	if one := v.values["one"]; one != "" {
		for _, have := range sub.Subscriptions {
			if text(have.ID) != one {
				rest = append(rest, have)
			}
		}
		if len(rest) == len(sub.Subscriptions) {
			return nil, errNowhere
		}
	}
	if len(rest) > 0 {
		_, err = s.Subscriptions.Resubscribe(r.Context(), sub.Code, rest)
	} else {
		err = s.Subscriptions.Leave(r.Context(), sub.Code)
	}
	if err != nil && !errors.Is(err, status.ErrNotFound) {
		return nil, err
	}
	return s.report(v, "unsubscribe.done", nil)
}

// hookSecret is what the messages to a webhook are signed with.
func hookSecret(code string) string { return derived(code, "signature") }

// hookChallenge is what a webhook must answer with.
func hookChallenge(code string) string { return derived(code, "challenge") }

func derived(code, what string) string {
	h := hmac.New(sha256.New, []byte(code))
	h.Write([]byte(what))
	return hex.EncodeToString(h.Sum(nil))[:40]
}

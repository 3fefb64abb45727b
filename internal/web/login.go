package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// A counter is the page where people log in.
type counter struct {
	Name, Next, Error string
}

func (d *dashboard) loginForm(w http.ResponseWriter, v *visit) error {
	next := local(v.r.URL.Query().Get("next"))
	switch {
	case d.Door == nil:
		return refuse(http.StatusNotFound, "Nobody can log in here.")
	case v.account != nil:
		http.Redirect(w, v.r, next, http.StatusSeeOther)
		return nil
	}
	d.show(w, v, page{Title: "Log in", Here: "login"}, "login", counter{Next: next})
	return nil
}

func (d *dashboard) login(w http.ResponseWriter, v *visit) error {
	if d.Door == nil {
		return refuse(http.StatusNotFound, "Nobody can log in here.")
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	name, next := fields.Get("name"), local(fields.Get("next"))
	if err := d.Door.Login(w, v.r, name, fields.Get("password")); err != nil {
		v.account = nil
		why := wrongLogin(w, err, http.StatusForbidden, sentence(err.Error(), ""))
		d.show(w, v, page{Title: "Log in", Here: "login", Status: why.status}, "login", counter{
			Name: name[:min(len(name), maxWords)], Next: next, Error: why.text,
		})
		return nil
	}
	http.Redirect(w, v.r, next, http.StatusSeeOther)
	return nil
}

// A pause is the error of a Guard or a Door that looks at no login for a while, because too many were wrong.
type pause interface {
	error
	Pause() time.Duration // until one may be tried again
}

// wrongLogin is what somebody hears whose login was not taken: the status and text that are given, or when it may be tried
// again.
func wrongLogin(w http.ResponseWriter, err error, status int, text string) *refusal {
	var wait pause
	if !errors.As(err, &wait) {
		return &refusal{status, text}
	}
	left := max(wait.Pause(), time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(int(left/time.Second)))
	words := plural(int(left/time.Second), "second", "seconds")
	if left > 2*time.Minute {
		words = plural(int((left+time.Minute-1)/time.Minute), "minute", "minutes")
	}
	return &refusal{http.StatusTooManyRequests, "Too many logins were wrong. Nothing is looked at for " + words + "; try again then."}
}

func (d *dashboard) logoutForm(w http.ResponseWriter, v *visit) error {
	if v.account == nil || d.Door == nil {
		http.Redirect(w, v.r, "/", http.StatusSeeOther)
		return nil
	}
	d.show(w, v, page{Title: "Log out", Here: "logout"}, "confirm", question{
		Title: "Log out?", Says: "You are logged in as " + v.account.Name + ".", Word: "Log out", To: "/logout", Back: "/",
	})
	return nil
}

func (d *dashboard) logout(w http.ResponseWriter, v *visit) error {
	if d.Door != nil {
		d.Door.Logout(w, v.r)
	}
	http.Redirect(w, v.r, "/", http.StatusSeeOther)
	return nil
}

// themeCookie keeps what a visitor likes; without it the browser decides.
const themeCookie = "theme"

// theme is "light", "dark" or "" for what the browser prefers.
func theme(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

func (d *dashboard) theme(w http.ResponseWriter, v *visit) error {
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	c := &http.Cookie{Name: themeCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(365 * 24 * time.Hour / time.Second)}
	switch chosen := fields.Get("theme"); chosen {
	case "light", "dark":
		c.Value = chosen
	default:
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, v.r, local(fields.Get("next")), http.StatusSeeOther)
	return nil
}

package model

import "time"

// A Face is how a service shows itself on the status page. It has one component there, and everything that is seen of it
// is said here: nothing of its rules, its host or its addresses.
type Face struct {
	Hidden      bool   `json:",omitempty"` // it has no component
	Component   string `json:",omitempty"` // what people call it; "": the name of the service. Services of one component share it: the worst counts
	Group       string `json:",omitempty"` // of components
	Description string `json:",omitempty"` // Markdown
	Link        string `json:",omitempty"` // URL
	Private     bool   `json:",omitempty"` // only who has logged in sees it
	Metric      bool   `json:",omitempty"` // how fast it answers is shown to everybody
}

// A StatusPage is what the page that is not meant for administrators looks like, and how it goes by the checks.
type StatusPage struct {
	Listen   string   `json:",omitempty"` // HOST:PORT that has this page and nothing else; "": it is below /page/ of the dashboard only
	URL      string   `json:",omitempty"` // under which visitors see it: "https://status.example.org"; "": as they ask for it
	Title    string   `json:",omitempty"`
	About    string   `json:",omitempty"` // Markdown, above everything
	Footer   string   `json:",omitempty"` // Markdown
	Logo     string   `json:",omitempty"` // path of an image
	CSS      string   `json:",omitempty"` // path of a style sheet that is added
	Color    string   `json:",omitempty"` // of links and accents: "#0a7"
	Language string   `json:",omitempty"` // one of PageLanguages; "": what the browser asks for
	Zone     string   `json:",omitempty"` // IANA name: where days begin and end; "": that of this host
	Frames   []string `json:",omitempty"` // origins whose pages may show it in a frame
	Origins  []string `json:",omitempty"` // origins whose scripts may read the API; none: all
	Guarded  bool     `json:",omitempty"` // the API tells nothing without a login
	Past     int      // days of past incidents on one page
	Major    int      // per cent of components with a major outage that make a major outage of the whole

	Settle   time.Duration // how long a component must be well again before its incident is closed; 0: at once
	Recover  int           // checks in a row that must be well before a component is
	Delay    time.Duration // a component turns green only so long after it is well
	Gather   time.Duration // components that fail within this time share an incident
	HandsOff bool          `json:",omitempty"` // incidents that somebody has taken over are closed by people only
	Discreet bool          `json:",omitempty"` // attempts to heal something are told to who has logged in only

	Templates []IncidentTemplate `json:",omitempty"`
	Mail      bool               `json:",omitempty"` // visitors may subscribe by mail, which leaves through Settings.Mail
	Hooks     bool               `json:",omitempty"` // visitors may subscribe a webhook
}

// PageLanguages are the languages that the status page speaks.
var PageLanguages = []string{"cs", "da", "de", "en", "es", "fi", "fr", "it", "ja", "ko", "nl", "no", "pl", "pt", "sv", "tr", "uk", "zh"}

// An IncidentTemplate is a text for incidents that are opened over the API.
type IncidentTemplate struct {
	Name string
	Slug string
	Text string
}

// DefaultStatusPage is a status page of which nothing is configured.
func DefaultStatusPage() StatusPage {
	return StatusPage{
		Past: 7, Major: 50, Settle: 5 * time.Minute, Recover: 2, Delay: 30 * time.Second, Gather: time.Minute,
		Mail: true,
	}
}

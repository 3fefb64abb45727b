package alert

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"

	"orderly/internal/model"
)

func init() {
	channels["campfire"] = chat(campfireRequest, "url", "team", "room", "token")
}

// subdomain is what a team may be called, lest the token goes to somebody else's server.
var subdomain = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// campfireRequest speaks in a room of Campfire. The service is gone; a url leads to one in its place. Parameters: team,
// token, room, and url.
func campfireRequest(c *model.Config, p parcel) (request, error) {
	r := p.route
	type text struct {
		Body string `json:"body"`
		Type string `json:"type"`
	}
	body, err := json.Marshal(map[string]text{"message": {p.chatText(c, chatLimit), "TextMessage"}})
	if err != nil {
		return request{}, err
	}
	team := r.Params.Get("team")
	if r.Params.Get("url") == "" && !subdomain.MatchString(team) {
		return request{}, errors.New("the team has no name that can be part of a host's")
	}
	to := "https://" + team + ".campfirenow.com/room/" + url.PathEscape(r.Params.Get("room")) + "/speak.json"
	return request{
		url: cmp.Or(r.Params.Get("url"), to), kind: "application/json", body: body,
		username: r.Params.Get("token"), password: "X",
	}, nil
}

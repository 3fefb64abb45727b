package alert

import (
	"cmp"
	"net/url"
	"strings"

	"orderly/internal/model"
)

func init() {
	channels["flowdock"] = chat(flowdockRequest, "url", "token")
}

// flowdockRequest puts a message into the inbox of a team at Flowdock. The service is gone; a url leads to one in its
// place. Parameters: token, and url.
func flowdockRequest(c *model.Config, p parcel) (request, error) {
	r := p.route
	to := "https://api.flowdock.com/v1/messages/team_inbox/" + url.PathEscape(r.Params.Get("token"))
	return formRequest(cmp.Or(r.Params.Get("url"), to), url.Values{
		"from_address": {strings.ToLower(chatName) + "@" + messageHost(hostOf(c, p.events[0]))},
		"source":       {chatName}, "subject": {"Alert"}, "content": {p.chatText(c, chatLimit)},
	}), nil
}

package alert

import (
	"cmp"
	"net/url"
	"strings"

	"orderly/internal/model"
)

func init() {
	channels["flowdock"] = channel{open: posting(flowdockRequest), where: []string{"url", "token"}}
}

// flowdockRequest puts a message into the inbox of a team at Flowdock. The service is gone; a url leads to one in its
// place. Parameters: token, and url.
func flowdockRequest(c *model.Config, r model.Route, ev model.Event) (request, error) {
	to := "https://api.flowdock.com/v1/messages/team_inbox/" + url.PathEscape(r.Params.Get("token"))
	return formRequest(cmp.Or(r.Params.Get("url"), to), url.Values{
		"from_address": {strings.ToLower(chatName) + "@" + messageHost(hostOf(c, ev))},
		"source":       {chatName}, "subject": {"Alert"}, "content": {line(c, ev)},
	}), nil
}

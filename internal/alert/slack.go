package alert

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"

	"orderly/internal/model"
)

func init() {
	channels["slack"] = chat(slackRequest, "url")
}

// chatName is who speaks in chats that Inspeqtor's files name.
const chatName = "Inspeqtor"

// slackRequest fills an incoming hook of Slack, or of one of the servers that understand these. Parameters: url, and
// icon_emoji, username.
func slackRequest(c *model.Config, p parcel) (request, error) {
	r := p.route
	payload, err := json.Marshal(struct {
		Text     string `json:"text"`
		Username string `json:"username"`
		Icon     string `json:"icon_emoji"`
	}{
		slackText.Replace(p.chatText(c, chatLimit)),
		cmp.Or(r.Params.Get("username"), chatName),
		":" + strings.Trim(cmp.Or(r.Params.Get("icon_emoji"), "ghost"), ":") + ":",
	})
	if err != nil {
		return request{}, err
	}
	return formRequest(r.Params.Get("url"), url.Values{"payload": {string(payload)}}), nil
}

// slackText keeps text from being taken for markup.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

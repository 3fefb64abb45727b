package alert

import (
	"cmp"
	"net/url"

	"orderly/internal/model"
)

func init() {
	channels["hipchat"] = chat(hipchatRequest, "url", "room", "token")
}

// hipchatRequest speaks in a room of HipChat, by the first version of its interface. The service is gone; a url leads to
// one in its place. Parameters: token, room, and url.
func hipchatRequest(c *model.Config, p parcel) (request, error) {
	r := p.route
	to, err := readURL(cmp.Or(r.Params.Get("url"), "https://api.hipchat.com/v1/rooms/message"))
	if err != nil {
		return request{}, err
	}
	query := to.Query()
	query.Set("auth_token", r.Params.Get("token"))
	to.RawQuery = query.Encode()
	return formRequest(to.String(), url.Values{
		"room_id": {r.Params.Get("room")}, "from": {chatName}, "message": {p.chatText(c, chatLimit)},
	}), nil
}

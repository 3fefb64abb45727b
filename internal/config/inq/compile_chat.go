package inq

import (
	"cmp"
	"net/url"

	"orderly/internal/model"
)

// inPlace are the parameters of chats that are gone: the URL of a server that speaks as they did.
var inPlace = []string{"url"}

// chat is a route to a chat. It is named by what is no secret of it.
func (c *compiler) chat(r *route, known []string) []model.Route {
	name := r.channel.Text
	hook, given := r.params.find("url")
	if !given {
		c.warnf(r.channel.Span, "gone", "alerts by %s reach nobody: that service is gone", name).
			Hinted("use another channel, or name a server in its place: url https://...")
		return nil
	}
	if u, err := url.Parse(hook.value.Text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.errorf(hook.value.Span, "address", "alerts by %s need the URL of a web page", name).Hinted("write: url https://HOST/PATH")
		return nil
	}
	var params model.Params
	for _, each := range known {
		if p, given := r.params.find(each); given {
			params = append(params, model.Param{Name: each, Value: p.value.Text})
		}
	}
	return []model.Route{{
		Channel: name, Address: cmp.Or(params.Label(), name), Topics: model.AllTopics, Params: params, Pos: r.span.Pos(),
	}}
}

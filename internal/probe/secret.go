package probe

import (
	"encoding/base64"
	"strconv"
	"strings"

	"orderly/internal/model"
)

// shortestSecret is how long a secret must be to be looked for, in bytes. A shorter one is part of many words.
const shortestSecret = 4

// withoutSecrets hides what the probe tells its server in confidence: a server may repeat it in its answer, which goes into
// messages and logs.
func withoutSecrets(p *model.Probe, r model.Result) model.Result {
	hidden := hiding(p.Params)
	r.Summary, r.Evidence = hidden.Replace(r.Summary), hidden.Replace(r.Evidence)
	return r
}

// discreet is an error that keeps what it hides to itself.
type discreet struct {
	error
	hidden *strings.Replacer
}

func (d discreet) Error() string { return d.hidden.Replace(d.error.Error()) }
func (d discreet) Unwrap() error { return d.error }

// hiding replaces the secrets among parameters, in the forms in which they are sent and shown.
func hiding(params model.Params) *strings.Replacer {
	var pairs []string
	hide := func(secret string) {
		if len(secret) >= shortestSecret {
			quoted := strconv.Quote(secret)
			pairs = append(pairs, secret, "********", quoted[1:len(quoted)-1], "********")
		}
	}
	user := params.Get("username")
	for _, param := range params {
		if !param.Secret() {
			continue
		}
		secret := param.Value
		if param.Name == "header" {
			_, secret, _ = strings.Cut(secret, ":")
			secret = strings.TrimSpace(secret)
			if i := strings.LastIndexByte(secret, ' '); i >= 0 { // "Bearer ..."
				hide(secret[i+1:])
			}
		}
		hide(secret)
		for _, told := range []string{secret, user + ":" + secret, "\x00" + user + "\x00" + secret} {
			hide(base64.StdEncoding.EncodeToString([]byte(told)))
		}
	}
	return strings.NewReplacer(pairs...)
}

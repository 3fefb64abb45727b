package cachet

// versionOf2 is what clients that look at the version want to read; which one orderly is, is beside it (P-051).
const versionOf2 = "2.4.1"

func (c *call) ping() (any, error) { return reply{Data: "Pong!"}, nil } // P-050

type versionMeta struct {
	OnLatest bool    `json:"on_latest"`
	Latest   release `json:"latest"`
	Orderly  string  `json:"orderly"`
}

type release struct {
	Tag        string `json:"tag_name"`
	Prerelease bool   `json:"prerelease"`
	Draft      bool   `json:"draft"`
}

func (c *call) version() (any, error) {
	return reply{Meta: versionMeta{true, release{Tag: "v" + versionOf2}, c.Version}, Data: versionOf2}, nil
}

// status is how everything is (P-052).
func (c *call) status() (any, error) {
	c.w.Header().Set("Vary", "Authorization, Cookie, X-Cachet-Token")
	if c.guest() {
		c.w.Header().Set("Cache-Control", "public, max-age=10")
	}
	s := c.view.Summary(c.guest(), c.now())
	return reply{Data: map[string]string{"status": string(s.Level), "message": s.Message()}}, nil
}

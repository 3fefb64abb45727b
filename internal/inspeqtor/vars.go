package inspeqtor

import (
	"net/http"
	"os"
	"runtime"
	"time"

	"orderly/internal/model"
)

// DeployID is the ID of the silence that a deploy is.
const DeployID = "deploy"

// varsPage answers /debug/vars: what the daemon counts of itself, in the form of package expvar.
func (s *Server) varsPage(w http.ResponseWriter, r *http.Request) {
	silences, err := s.Backend.Silences(r.Context())
	if err != nil {
		http.Error(w, "cannot tell whether there is a deploy", http.StatusServiceUnavailable)
		return
	}
	var vars struct {
		Cmdline   []string `json:"cmdline"`
		Inspeqtor struct {
			Deploy int    `json:"deploy"` // 1 while there is one
			Events uint64 `json:"events"`
		} `json:"inspeqtor"`
		Memstats runtime.MemStats `json:"memstats"`
	}
	vars.Cmdline = os.Args
	vars.Inspeqtor.Events = s.Events()
	if deploying(silences, time.Now()) {
		vars.Inspeqtor.Deploy = 1
	}
	runtime.ReadMemStats(&vars.Memstats)
	sendJSON(w, &vars)
}

func deploying(silences []model.Silence, now time.Time) bool {
	for _, s := range silences {
		if s.ID == DeployID && s.Active(now) {
			return true
		}
	}
	return false
}

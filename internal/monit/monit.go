// Package monit says what orderly knows in the words and forms that Monit's users, scripts and collectors read: the
// texts of status, summary and report, and the status document in XML.
//
// It decides nothing and does no I/O. Entry points: [Status], [Summary], [Report] and [Document], each of an
// [Instance] and snapshots of its services.
package monit

import (
	"strings"
	"time"

	"orderly/internal/model"
)

// Version is the Monit whose interfaces orderly speaks: scripts and collectors ask for it to know what they may expect.
const Version = "6.1.0"

// An Instance is one running daemon as its interfaces tell of it.
type Instance struct {
	ID          string    // 32 hexadecimal digits
	Started     time.Time // of the daemon
	Incarnation time.Time // when the configuration was read
	Now         time.Time // what uptimes are computed with
	Settings    *model.Settings
	Groups      []Group // in the order in which they are first named
	Platform    Platform
	Address     string // of the connection that a document goes out by: where our HTTPD is found if it is bound to none
}

// A Group is a named set of services, in the order of its members.
type Group struct {
	Name    string
	Members []string
}

// A Platform is the machine and its kernel, as uname tells them.
type Platform struct {
	Name, Release, Version, Machine string
	CPUs                            int
	Memory, Swap                    int64 // bytes
}

// GroupsOf collects the groups of services. Their names are compared without regard to letter case.
func GroupsOf(services []*model.Service) []Group {
	var groups []Group
	at := map[string]int{}
	for _, s := range services {
		for _, name := range s.Groups {
			key := strings.ToLower(name)
			i, ok := at[key]
			if !ok {
				i = len(groups)
				at[key] = i
				groups = append(groups, Group{Name: name})
			}
			groups[i].Members = append(groups[i].Members, s.Name)
		}
	}
	return groups
}

// Uptime says how long the daemon runs by now.
func (in Instance) Uptime() string { return formatUptime(in.Now.Sub(in.Started)) }

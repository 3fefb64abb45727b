package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// seedStatus is the check of the story of Monit and Cachet. What it exec'ed there when nothing helped is not needed.
const seedStatus = `check process mysql
  matching "mariadbd.*@DIR@"
  group database
  start = "/bin/sh @DIR@/mysql start" with timeout 5 seconds
  stop = "/bin/sh @DIR@/mysql stop"
  if failed host 127.0.0.1 port @PORT@
    protocol MYSQL then restart
  if not exist for 3 cycles then restart
`

// mysqlScript starts and stops a database as an init script does. While the file broken is there it cannot be started.
const mysqlScript = `case $1 in
start)
  test -e @DIR@/broken && { echo "the disk is full" >&2; exit 1; }
  setsid /usr/sbin/mariadbd --no-defaults --user=mysql --datadir=@DIR@/data --socket=@DIR@/s --pid-file=@DIR@/data/pid \
    --port=@PORT@ --bind-address=127.0.0.1 >/dev/null 2>&1 </dev/null & ;;
stop) kill $(cat @DIR@/data/pid) ;;
esac
`

// seedPage is the page of that story, and its account that may only update.
const seedPage = `every: 1s
page:
  listen: 127.0.0.1:@WEB@
  settle: 1s
  delay: 0s
accounts:
  user:
    password: @HASH@
    scope: update
    only: mysql
`

// A component is one of the status page, as Cachet's API tells of it.
type component struct {
	ID     int
	Name   string
	Status int
}

// A pageIncident is an incident as Cachet's API tells of it.
type pageIncident struct {
	ID           int
	Name         string
	LatestStatus int  `json:"latest_status"`
	Resolved     bool `json:"is_resolved"`
	Updates      []struct {
		Status  int
		Message string
	}
}

// statusPage prepares a database that orderly is to run, and a page that shows it.
func statusPage(t *testing.T) (d *daemon, url string) {
	if os.Getuid() != 0 {
		t.Skip("only root can run a database as another user")
	}
	if _, err := exec.LookPath("/usr/sbin/mariadbd"); err != nil {
		t.Skip("mariadb-server is not installed")
	}
	port, web := freePort(t), freePort(t)
	d = newDaemon(t, "")
	hash, err := bcrypt.GenerateFromPassword([]byte("pass"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("@DIR@", d.dir, "@PORT@", strconv.Itoa(port), "@WEB@", strconv.Itoa(web), "@HASH@", string(hash))
	if err := os.Mkdir(d.path("conf.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("conf.d/mysql", fill.Replace(seedStatus))
	d.write("mysql", fill.Replace(mysqlScript))
	d.write("orderly.yaml", fill.Replace(seedPage))
	d.config = d.path("orderly.yaml")
	for dir := d.dir; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) { // the database is another user
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.Command("/usr/bin/mariadb-install-db", "--no-defaults", "--datadir="+d.path("data"), "--user=mysql", "--skip-test-db")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("/usr/bin/chown", "mysql:", d.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() {
		if pid := d.pidIn("data/pid"); pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			d.eventually("the database has ended", func() bool { return !alive(pid) })
		}
	})
	return d, fmt.Sprintf("http://127.0.0.1:%d", web)
}

// fetched asks the page for something.
func fetched[T any](t *testing.T, url string) (data T) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	var reply struct{ Data *T }
	reply.Data = &data
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(body, &reply) != nil {
		t.Fatalf("GET %s: %s, %v\n%s", url, resp.Status, err, body)
	}
	return data
}

// mysqlComponent is the component of the check.
func mysqlComponent(t *testing.T, url string) component {
	t.Helper()
	for _, c := range fetched[[]component](t, url+"/api/v1/components") {
		if c.Name == "mysql" {
			return c
		}
	}
	t.Fatal("the check has no component")
	return component{}
}

// TestTheStoryOfTheStatusPage stops a real database: its switch flips, and flips back, and nobody has written a script.
func TestTheStoryOfTheStatusPage(t *testing.T) { // P-400
	d, url := statusPage(t)
	if out, err := exec.Command("/bin/sh", d.path("mysql"), "start").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.eventually("the database runs", func() bool { return d.pidIn("data/pid") != 0 })
	d.start()
	d.eventually("it is checked", func() bool { return d.status("mysql").State == "ok" })
	d.eventually("its component is green", func() bool { return mysqlComponent(t, url).Status == 1 })
	if open := fetched[[]pageIncident](t, url+"/api/v1/incidents"); len(open) != 0 {
		t.Fatalf("before anything happened there is %+v", open)
	}

	d.write("broken", "")
	pid := d.pidIn("data/pid")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.eventually("the component is red", func() bool { return mysqlComponent(t, url).Status == 4 })
	d.eventually("an incident is open", func() bool {
		all := fetched[[]pageIncident](t, url+"/api/v1/incidents")
		return len(all) == 1 && !all[0].Resolved
	})
	d.eventually("to start it was tried in vain", func() bool { return d.happened("mysql", "action_failed") > 0 })
	if err := os.Remove(d.path("broken")); err != nil {
		t.Fatal(err)
	}
	d.eventually("the component is green again", func() bool { return mysqlComponent(t, url).Status == 1 })
	d.eventually("the incident is over", func() bool {
		all := fetched[[]pageIncident](t, url+"/api/v1/incidents")
		return len(all) == 1 && all[0].Resolved && all[0].LatestStatus == 4
	})
	incident := fetched[[]pageIncident](t, url+"/api/v1/incidents")[0]
	t.Logf("%+v", incident)
	for _, secret := range []string{"3306", "127.0.0.1", d.dir, "disk is full", "mariadbd"} {
		if strings.Contains(fmt.Sprint(incident), secret) {
			t.Errorf("the public reads %q in %+v", secret, incident)
		}
	}

	curlStory(t, d, url, mysqlComponent(t, url).ID)
}

// curlStory does by the line of the story's script what checks do by themselves, and nothing else.
func curlStory(t *testing.T, d *daemon, url string, id int) {
	curl := func(args ...string) (body string, status string) {
		t.Helper()
		out, err := exec.Command("curl", append([]string{"-s", "-w", "\n%{http_code}"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		i := strings.LastIndexByte(string(out), '\n')
		return string(out[:i]), string(out[i+1:])
	}
	place := fmt.Sprintf("%s/api/components/%d", url, id)
	body, status := curl("-u", "user:pass", "-XPUT", "-d", "status=3", place)
	var reply struct {
		Data struct {
			CreatedAt     int64 `json:"created_at"`
			Description   string
			ID            int
			IncidentCount int `json:"incident_count"`
			Name          string
			Status        string
			StatusID      int   `json:"status_id"`
			UpdatedAt     int64 `json:"updated_at"`
		}
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != "200" || reply.Data.Status != "Partial Outage" || reply.Data.StatusID != 3 || // P-140
		reply.Data.ID != id || reply.Data.Name != "mysql" || reply.Data.IncidentCount != 1 || reply.Data.CreatedAt == 0 || reply.Data.UpdatedAt < reply.Data.CreatedAt {
		t.Errorf("the script reads %s %v\n%s", status, err, body)
	}
	if got := mysqlComponent(t, url).Status; got != 3 {
		t.Errorf("the component has the status %d", got)
	}
	v1 := fmt.Sprintf("%s/api/v1/components/%d", url, id)
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"401", []string{"-u", "user:wrong", "-XPUT", "-d", "status=1", place}},
		{"401", []string{"-XPUT", "-d", "status=1", place}},
		{"403", []string{"-u", "user:pass", "-XPUT", "-d", "name=ours", v1}}, // P-351, P-352
		{"403", []string{"-u", "user:pass", "-XPUT", "-d", "enabled=0", "-d", "status=1", v1}},
		{"403", []string{"-u", "user:pass", "-XDELETE", v1}},
		{"403", []string{"-u", "user:pass", "-XPOST", "-d", "name=new", "-d", "status=1", url + "/api/v1/components"}},
		{"403", []string{"-u", "user:pass", "-XPOST", "-d", "name=new", url + "/api/v1/components/groups"}},
		{"403", []string{"-u", "user:pass", url + "/api/v1/subscribers"}},
		{"403", []string{"-u", "user:pass", "-XDELETE", url + "/api/v1/incidents/1"}},
		{"400", []string{"-u", "user:pass", "-XPUT", "-d", "status=9", v1}}, // P-067
		{"404", []string{"-u", "user:pass", "-XPOST", "-d", "{}", url + "/v1/do"}},
	} {
		if body, status := curl(tt.args...); status != tt.want {
			t.Errorf("curl %s: %s, want %s\n%s", strings.Join(tt.args, " "), status, tt.want, body)
		}
	}
	if got := mysqlComponent(t, url); got.Status != 3 || got.Name != "mysql" {
		t.Errorf("the component became %+v", got)
	}
	if _, status := curl("-u", "user:pass", "-XPUT", "-d", "status=1", place); status != "200" {
		t.Errorf("green again: %s", status)
	}
	if got := mysqlComponent(t, url).Status; got != 1 {
		t.Errorf("the component has the status %d", got)
	}
}

package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// A row is a control file that shows one row of the language's checklist, by its id.
type row struct {
	id, verdict string
	text        string
}

// The verdicts of rows.txtar. Monit is 5.33 where it says so.
const (
	accepted = "ok"       // by orderly and by Monit
	refused  = "error"    // by both
	newer    = "newer"    // Monit 5.33 refuses it, later ones and orderly do not
	stricter = "stricter" // Monit 5.33 accepts it, later ones and orderly do not
	lenient  = "lenient"  // Monit refuses it, orderly does not
	warned   = "warned"   // both accept it, and orderly warns
)

func rows(t *testing.T) (all []row) {
	t.Helper()
	a, err := txtar.ParseFile("testdata/rows.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		id, verdict, _ := strings.Cut(f.Name, " ")
		all = append(all, row{id, verdict, string(f.Data)})
	}
	return all
}

// rowsDir makes the files that rows name as DIR/....
func rowsDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	cert, key := selfSigned(t)
	create(t, at("cert.pem"), cert, 0o600)
	create(t, at("key.pem"), key, 0o600)
	create(t, at("both.pem"), cert+key, 0o600)
	create(t, at("open.pem"), cert+key, 0o777)
	create(t, at("htpasswd"), "me:x\nyou:y\n", 0o600)
	create(t, at("empty"), "#\n", 0o600)
	create(t, at("inc/one.conf"), "set daemon 5\n", 0o600)
	create(t, at("inline.conf"), " if size > 2 MB then alert\n", 0o600)
	create(t, at("skip/backup~"), "junk {{{\n", 0o600)
	create(t, at("skip/sub/x"), "junk {{{\n", 0o600)
	if err := os.Symlink("/nosuch/file", at("dangling")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	armoured := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return armoured("CERTIFICATE", der), armoured("PRIVATE KEY", secret)
}

// write makes the control file of a row. Monit makes an id file at once, which must not be the user's own.
func (r row) write(t *testing.T, dir string, n int) (path string) {
	t.Helper()
	path = filepath.Join(dir, "row"+strconv.Itoa(n), "rc")
	text := strings.NewReplacer("DIR/rc", path, "DIR", dir, "HOSTNAME", hostname()).Replace(r.text)
	return create(t, path, "set idfile "+path+".id\n"+text, 0o600)
}

func TestRows(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may name users in a control file")
	}
	dir := rowsDir(t)
	for n, r := range rows(t) {
		found := Check(Options{Paths: []string{r.write(t, dir, n)}}).Diagnostics
		var want bool
		switch r.verdict {
		case accepted, newer, lenient:
		case warned:
			if len(found) == 0 {
				t.Errorf("%s: nothing is said about %s", r.id, r.text)
			}
		case refused, stricter:
			want = true
		default:
			t.Errorf("%s: there is no verdict %q", r.id, r.verdict)
		}
		if found.HasErrors() != want {
			t.Errorf("%s %s: %s findings %v", r.id, r.verdict, r.text, found)
		}
	}
}

// What is said of Monit is what the real one says, where it is installed.
func TestRowsAreThoseOfMonit(t *testing.T) {
	version, err := exec.Command("monit", "-V").Output()
	if err != nil || os.Geteuid() != 0 {
		t.Skip("needs Monit, and root")
	}
	old := strings.Contains(string(version), " 5.33")
	dir, all := rowsDir(t), rows(t)
	next, workers := make(chan int), sync.WaitGroup{}
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for n := range next {
				r := all[n]
				want := r.verdict == refused || r.verdict == lenient || r.verdict == newer && old || r.verdict == stricter && !old
				out, err := exec.CommandContext(t.Context(), "monit", "-t", "-c", r.write(t, dir, n)).CombinedOutput()
				var exit *exec.ExitError
				if err != nil && !errors.As(err, &exit) {
					t.Errorf("%s: %v", r.id, err)
				} else if (err != nil) != want {
					t.Errorf("%s %s: %s Monit says %v: %s", r.id, r.verdict, r.text, err, out)
				}
			}
		})
	}
	for n := range all {
		next <- n
	}
	close(next)
	workers.Wait()
}

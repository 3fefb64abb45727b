package probe

import (
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

const (
	mysqlAll       = 0xffffffff // abilities
	mysqlOKPacket  = "\x00\x00\x00\x02\x00\x00\x00"
	firstChallenge = "abcdefghijklmnopqrst"
)

// mysqlPacket is a packet with its head.
func mysqlPacket(number byte, b string) string {
	return string([]byte{byte(len(b)), byte(len(b) >> 8), byte(len(b) >> 16), number}) + b
}

func mysqlGreeting(abilities uint32, method string) string {
	return mysqlPacket(0, "\x0a8.4.0\x00"+"\x01\x00\x00\x00"+firstChallenge[:8]+"\x00"+
		string([]byte{byte(abilities), byte(abilities >> 8), 33, 2, 0, byte(abilities >> 16), byte(abilities >> 24), 21})+
		strings.Repeat("\x00", 10)+firstChallenge[8:]+"\x00"+method+"\x00")
}

// mysqlHello is the first packet of joe; without a name of the method if that is "".
func mysqlHello(number byte, flags, answer, method string) string {
	if method != "" {
		method += "\x00"
	}
	return mysqlPacket(number, flags+"\x00\x00\x00\x01\x21"+strings.Repeat("\x00", 23)+"joe\x00"+string(rune(len(answer)))+answer+method)
}

func unhex(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Answers to the challenges for the password topsecret.
var (
	nativeAnswer = unhex("69da5afc3ba51389db7050a4529f0fcf50fa5f38")
	sha2Answer   = unhex("d6048fb7d2bed4c3b193b2cc46163712aefb3ba03b1b3655d7a6052224924e06")
	secondNative = unhex("82044fe1b54542e135f0637ff204689ab88f85eb") // to the alphabet in capitals
)

const plainFlags = "\x01\x82\x08\x00"

func TestMySQL(t *testing.T) { // P-mysql, P-mysql-native, P-mysql-sha2
	login := model.Params{param("username", "joe"), param("password", "topsecret")}
	native, sha2 := mysqlGreeting(mysqlAll, mysqlNative), mysqlGreeting(mysqlAll, mysqlSHA2)
	byNative, bySHA2 := mysqlHello(1, plainFlags, nativeAnswer, mysqlNative), mysqlHello(1, plainFlags, sha2Answer, mysqlSHA2)
	ok, quit := mysqlPacket(2, mysqlOKPacket), "\x01\x00\x00\x00\x01"
	denied := mysqlPacket(2, "\xff\x15\x04#28000Access denied")
	say := func(turns ...string) []string { return append([]string{""}, turns...) }
	for _, tt := range []wireTest{
		{"greeting", "mysql", false, nil, say(native), ""},
		{"password alone", "mysql", false, login[1:], say(native), ""},
		{"blocked", "mysql", false, nil, say(mysqlPacket(0, "\xff\x69\x04Host is blocked")), `it refuses with error 1129: "Host is blocked"`},
		{"blocked without a word", "mysql", false, nil, say(mysqlPacket(0, "\xff")), "it refuses without saying why"},
		{"old", "mysql", false, nil, say(mysqlPacket(0, "\x093.20\x00")), "it speaks version 9 of the protocol where 10 is expected"},
		{"greeting without end", "mysql", false, nil, say(mysqlPacket(0, "\x0a8.4.0")), "its greeting is cut short"},
		{"greeting too short", "mysql", false, nil, say(mysqlPacket(0, "\x0a8.4.0\x00"+strings.Repeat("x", 30))), "its greeting is cut short"},
		{"empty packet", "mysql", false, nil, say("\x00\x00\x00\x00"), "its packet announces 0 bytes"},
		{"megabytes announced", "mysql", false, nil, say("\xff\xff\xff\x00"), "its packet announces 16777215 bytes"},
		{"cut short", "mysql", false, nil, say(native[:20]), "it closed the connection"},
		{"slow", "mysql", false, nil, say(native[:20], "..."), "no answer within 5s"},

		{"native", "mysql", false, login, say(native, byNative, ok, quit), ""},
		{"native wrong", "mysql", false, login, say(native, byNative, denied), `it refuses with error 1045: "Access denied"`},
		{"no password", "mysql", false, login[:1], say(native, mysqlHello(1, plainFlags, "", mysqlNative), ok, quit), ""},
		{"unknown default", "mysql", false, login, say(mysqlGreeting(mysqlAll, "auth_gssapi"), byNative, ok, quit), ""},
		{
			"method without name", "mysql", false, login,
			say(mysqlGreeting(mysqlProtocol41|mysqlSecure, ""), mysqlHello(1, "\x01\x82\x00\x00", nativeAnswer, ""), ok, quit), "",
		},
		{"too old", "mysql", false, login, say(mysqlGreeting(mysqlSecure, "")), "it is too old"},
		{
			"switch to native", "mysql", false, login,
			say(sha2, bySHA2, mysqlPacket(2, "\xfe"+mysqlNative+"\x00ABCDEFGHIJKLMNOPQRST\x00"), mysqlPacket(3, secondNative), mysqlPacket(4, mysqlOKPacket), quit), "",
		},
		{"switch to another", "mysql", false, login, say(native, byNative, mysqlPacket(2, "\xfesha256_password\x00ABCDEFGHIJKLMNOPQRST\x00")), `it wants a login by "sha256_password", which is not supported`},
		{"switch to a clear one", "mysql", false, login, say(native, byNative, mysqlPacket(2, "\xfemysql_clear_password\x00")), `it wants a login by "mysql_clear_password", which is not supported`},
		{"switch to nothing", "mysql", false, login, say(native, byNative, mysqlPacket(2, "\xfe")), `it wants a login by "", which`},
		{"no challenge", "mysql", false, login, say(native, byNative, mysqlPacket(2, "\xfe"+mysqlSHA2+"\x00\x00")), "its challenge has 0 bytes where 20 are expected"},

		{"sha2 known", "mysql", false, login, say(sha2, bySHA2, mysqlPacket(2, "\x01\x03")+mysqlPacket(3, mysqlOKPacket), quit), ""},
		{"sha2 strange step", "mysql", false, login, say(sha2, bySHA2, mysqlPacket(2, "\x01\x09")), "it asks for step 9 of this login"},
		{"sha2 empty step", "mysql", false, login, say(sha2, bySHA2, mysqlPacket(2, "\x01")), "it asks for something that is not part of this login"},
		{"sha2 for ever", "mysql", false, login, say(sha2, bySHA2, strings.Repeat(mysqlPacket(2, "\x01\x03"), mysqlTurns)), "its login does not end"},
		{"native asks for more", "mysql", false, login, say(native, byNative, mysqlPacket(2, "\x01\x04")), "it asks for something that is not part of this login"},
		{"sha2 key refused", "mysql", false, login, say(sha2, bySHA2, mysqlPacket(2, "\x01\x04"), mysqlPacket(3, "\x02"), mysqlPacket(4, "\x00x")), "its packet begins with 0x00 where its public key is expected"},
		{"sha2 key unreadable", "mysql", false, login, say(sha2, bySHA2, mysqlPacket(2, "\x01\x04"), mysqlPacket(3, "\x02"), mysqlPacket(4, "\x01key")), "its public key cannot be read"},
		{"nonsense", "mysql", false, login, say(native, byNative, mysqlPacket(2, "\x42")), "its packet begins with 0x42 where the end of the login is expected"},

		{"no TLS", "mysqls", false, nil, say(mysqlGreeting(mysqlProtocol41|mysqlSecure, mysqlNative)), "it does not offer TLS"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestMySQLKey(t *testing.T) { // P-mysql-rsakey
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	m, s1, s2, d := md5.Sum([]byte(text)), sha1.Sum([]byte(text)), sha256.Sum256([]byte(text)), sha1.Sum(der)
	for _, tt := range []struct{ name, digest, want string }{
		{"none", "", ""},
		{"md5", hex.EncodeToString(m[:]), ""},
		{"sha1", strings.ToUpper(hex.EncodeToString(s1[:])), ""},
		{"sha256", hex.EncodeToString(s2[:]), ""},
		{"of what the text encodes", hex.EncodeToString(d[:]), ""},
		{"another", hex.EncodeToString(make([]byte, 16)), "its public key has another checksum than the one expected"},
		{"no digest", "abc", "its public key has another checksum than the one expected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &model.Probe{Protocol: "mysql", Timeout: 5 * time.Second, Params: model.Params{
					param("username", "joe"), param("password", "topsecret"), param("rsakey", tt.digest),
				}}
				r := converseWith(t, p, func(c net.Conn) {
					exchange(t, "", mysqlGreeting(mysqlAll, mysqlSHA2), mysqlHello(1, plainFlags, sha2Answer, mysqlSHA2),
						mysqlPacket(2, "\x01\x04"), mysqlPacket(3, "\x02"), mysqlPacket(4, "\x01"+text))(c)
					if tt.want != "" {
						return
					}
					b := make([]byte, 4+256)
					io.ReadFull(c, b)
					if got := mysqlDecrypt(t, key, b[4:]); string(b[:4]) != "\x00\x01\x00\x05" || got != "topsecret\x00" {
						t.Errorf("the server got % x with %q", b[:4], got)
					}
					exchange(t, "", mysqlPacket(6, mysqlOKPacket), "\x01\x00\x00\x00\x01")(c)
				})
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, tt.want)
				}
			})
		})
	}
}

func mysqlDecrypt(t *testing.T, key *rsa.PrivateKey, b []byte) string {
	secret, err := rsa.DecryptOAEP(sha1.New(), nil, key, b, nil)
	if err != nil {
		t.Error(err)
	}
	for i := range secret {
		secret[i] ^= firstChallenge[i%len(firstChallenge)]
	}
	return string(secret)
}

func TestMySQLKeysThatAreNone(t *testing.T) {
	huge := &rsa.PublicKey{E: 65537, N: new(big.Int).Lsh(big.NewInt(1), 3<<13)}
	public := func(key any) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	for name, text := range map[string]string{
		"text": "hello", "no DER": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})),
		"too large": public(huge), "elliptic": public(selfIssued(t, 1).PrivateKey.(*ecdsa.PrivateKey).Public()),
	} {
		if key, err := mysqlKey([]byte(text), ""); key != nil || err == nil {
			t.Errorf("%s: %v", name, key)
		}
	}
}

// A password that is only sent in private goes in clear text under TLS.
func TestMySQLOverTLS(t *testing.T) { // P-mysqls
	config := &tls.Config{Certificates: []tls.Certificate{selfIssued(t, 30)}}
	login := model.Params{param("username", "joe"), param("password", "topsecret")}
	start := mysqlPacket(1, "\x01\x8a\x08\x00\x00\x00\x00\x01\x21"+strings.Repeat("\x00", 23))
	for _, tt := range []struct {
		name   string
		params model.Params
		secret []string
		after  string // the greeting, in plain text
		want   string
	}{
		{"greeting", nil, nil, "", ""},
		{"login", login, []string{
			mysqlHello(2, "\x01\x8a\x08\x00", sha2Answer, mysqlSHA2), mysqlPacket(3, "\x01\x04"),
			mysqlPacket(4, "topsecret\x00"), mysqlPacket(5, mysqlOKPacket), "\x01\x00\x00\x00\x01",
		}, "", ""},
		{"smuggled", nil, nil, mysqlPacket(2, mysqlOKPacket), "it sends more before TLS begins"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &model.Probe{
				Kind: model.ProbePort, Host: "localhost", Port: 3306, Protocol: "mysqls", Params: tt.params,
				TLS: &model.TLS{Verify: true, SelfSigned: true}, Timeout: 5 * time.Second,
			}
			r := converseWith(t, p, func(c net.Conn) {
				exchange(t, "", mysqlGreeting(mysqlAll, mysqlSHA2)+tt.after, start)(c)
				s := tls.Server(c, config)
				if s.Handshake() == nil {
					exchange(t, tt.secret...)(s)
					io.Copy(io.Discard, s)
				}
			})
			if tt.want != "" {
				mustFail(t, r, tt.want)
				return
			}
			mustPass(t, r)
			if !r.Readings.Get(model.Certificate).Present() {
				t.Error("no reading of the certificate")
			}
		})
	}
}

package probe

import (
	"strings"
	"testing"
)

// The example of RFC 7677.
const (
	scramNonce     = "rOprNGfwEbeRWgbNEkqO"
	scramChallenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
	scramFinal     = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
	scramProof     = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
)

func newExample(password string) *scram {
	s := newSCRAM(password)
	s.nonce = scramNonce
	s.first()
	s.talk = "n=user,r=" + scramNonce // there the name of the user is told twice
	return s
}

func TestSCRAM(t *testing.T) {
	s := newExample("pencil")
	if final, err := s.answer(scramChallenge); final != scramFinal || err != nil {
		t.Fatalf("it is answered %q (%v)", final, err)
	}
	if err := s.verify(scramProof); err != nil {
		t.Error(err)
	}
	for _, proof := range []string{"", "e=other-error", "v=", "v=AAAA", "v=!", strings.Replace(scramProof, "6", "7", 1)} {
		if s.verify(proof) == nil {
			t.Errorf("%q is believed", proof)
		}
	}
	if final, err := newExample("Pencil").answer(scramChallenge); final == scramFinal || err != nil {
		t.Errorf("another password is answered %q (%v)", final, err)
	}
}

func TestSCRAMChallenges(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{scramChallenge, "", "its challenge cannot be read"},
		{"i=4096", "i=0", "its challenge cannot be read"},
		{"i=4096", "i=-1", "its challenge cannot be read"},
		{"i=4096", "i=x", "its challenge cannot be read"},
		{",i=4096", "", "its challenge cannot be read"},
		{"s=W22ZaJ0SNY7soEsUEjb6gQ==", "s=W2", "its challenge cannot be read"},
		{"s=W22ZaJ0SNY7soEsUEjb6gQ==", "s=", "its challenge cannot be read"},
		{"r=r", "r=x", "its challenge is not for this login"},
		{"%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "", "its challenge is not for this login"},
		{"i=4096", "i=2147483647", "it wants 2147483647 rounds of work for a login, more than 1048576"},
	} {
		s := newExample("pencil")
		if final, err := s.answer(strings.Replace(scramChallenge, tt.old, tt.new, 1)); err == nil || err.Error() != tt.want || final != "" {
			t.Errorf("%s: answered %q (%v), want %q", tt.new, final, err, tt.want)
		}
	}
	if a, b := newSCRAM("x").first(), newSCRAM("x").first(); a == b || !strings.HasPrefix(a, "n,,n=,r=") {
		t.Errorf("it begins with %q and %q", a, b)
	}
}

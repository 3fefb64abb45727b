package alert

import (
	"errors"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestLetters(t *testing.T) {
	s := &mailServer{replies: func(command string) string {
		if strings.HasPrefix(command, "RCPT TO:<gone") {
			return "550 no such user"
		}
		return ""
	}}
	c, p := through(s.start(t)), &Postman{}
	l := Letter{ID: "4f1c.7", To: "eve@x", Subject: "[Status]\r\nBcc: all@x", Text: "Web: down\n.\nend", At: time.Unix(1e9, 0), Leave: "https://status.example.org/unsubscribe/c0de>\r\nX: y"}
	if err := p.Send(t.Context(), c, l); err != nil {
		t.Fatal(err)
	}
	l.To = "gone@x"
	if err := p.Send(t.Context(), c, l); !errors.Is(err, ErrRefused) {
		t.Errorf("a recipient who does not exist: %v", err)
	}
	l.To = "bob@x"
	if err := p.Send(t.Context(), c, l); err != nil {
		t.Error(err)
	}
	p.Rest()
	s.note(func() {
		if len(s.mails) != 2 || s.sessions != 1 {
			t.Fatalf("%d mails in %d sessions", len(s.mails), s.sessions)
		}
		data := s.mails[0].data
		for _, line := range []string{
			"From: orderly@web1", "To: eve@x", "Subject: [Status]  Bcc: all@x", "Date: Sun, 09 Sep 2001 01:46:40 +0000",
			"List-Unsubscribe: <https://status.example.org/unsubscribe/c0deX:y>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
			"Message-Id: <4f1c.7@web1>", "", "Web: down",
		} {
			if !strings.Contains(data, line+"\r\n") {
				t.Errorf("the mail has no line %q:\n%s", line, data)
			}
		}
		if strings.Contains(data, "\nBcc") || strings.Contains(data, "\nX: y") {
			t.Errorf("a header was added:\n%s", data)
		}
	})
	if err := p.Send(t.Context(), &model.Config{}, l); !errors.Is(err, errNoWay) {
		t.Errorf("without a server: %v", err)
	}
}

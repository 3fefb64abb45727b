package monit

import (
	"slices"
	"strings"
	"testing"

	"orderly/internal/diag"
)

// tokens reads a text in ordinary context and shows its tokens.
func tokens(text string) []string {
	var diags diag.List
	p := newParser(diag.NewSource("in", []byte(text)), nil, &diags)
	var list []string
	for t := p.lx.next(); t.kind != tokEnd; t = p.lx.next() {
		list = append(list, kindNames[t.kind]+":"+string(t.bytes()))
		if t.kind == tokKeyword {
			list[len(list)-1] = t.name
		}
	}
	for _, d := range diags {
		list = append(list, d.Code)
	}
	return list
}

var kindNames = [...]string{
	tokWord: "word", tokQuoted: "text", tokPath: "path", tokNumber: "int", tokReal: "real", tokMail: "mail",
	tokURL: "url", tokChar: "char", tokBad: "bad",
}

func TestLexer(t *testing.T) {
	tests := []struct {
		rows string
		text string
		want string // tokens, separated by blanks
	}{
		{"", "", ""},
		{"L-ws", " \t\r\n;,()", ""},
		{"L-comment", "a#b # c\nd #", "word:a#b word:d"},
		{"L-contline", "size \\\n > 5", "size > int:5"},
		{"L-contline", "\\x \\", `word:\x`},
		{"L-case", "FAILED Port PROTOcol", "failed port protocol"},
		{"L-noise", "is as are for via on only with within without program programs and has using use the to sum than", ""},
		{"L-noise", "usage was times but of or does per in last rate capacity activity option options SSL Disable", ""},
		{"L-noise", "disable ssl verify", "verify"},
		{"L-kwvalue", "b s m secret", "byte second minute secret"},
		{"L-word", "forx if.x isx a-b_c*d=e<f>g$h[i]/j", "word:forx word:if.x word:isx word:a-b_c*d=e<f>g$h[i]/j"},
		{"L-word", "[x] ~", "word:[x] word:~"},
		{"L-opspace", "size>10MB >10 10MB >= 10 != 10 !=10", "word:size>10MB word:>10 word:10MB >= int:10 != int:10 != int:10"},
		{"L-number", "0 007 -5 5.", "int:0 int:007 word:-5 word:5."},
		{"L-real", "5.0 5.x .5 5.5.5", "real:5.0 word:5.x word:.5 word:5.5.5"},
		{"L-percent", "80% 80 % percent", "int:80 percent int:80 percent percent"},
		{"L-dquote", `"a 'b' # c"`, `text:"a|'b'|#|c"`},
		{"L-squote", `'a "b"'`, `text:'a|"b"'`},
		{"L-multiline", "\"a\nb\"", "text:\"a\nb\""},
		{"L-path", `/a/b "/a b" '/c' / //x`, `path:/a/b path:"/a|b" path:'/c' path:/ path://x`},
		{"L-slashstr", "\"/a\nb\" \" /a\"", "text:\"/a\nb\" text:\"|/a\""},
		{"L-mailaddr", "a@b x+y.z@h-1.example /a@b @c", "mail:a@b mail:x+y.z@h-1.example mail:/a@b char:@ word:c"},
		{"L-ip", "1.2.3.4 1.2.3.0/24 ::1 fe80::1/64 ::ffff:1.2.3.4", "word:1.2.3.4 word:1.2.3.0/24 word:::1 word:fe80::1/64 word:::ffff:1.2.3.4"},
		{"L-ip", "admin:monit a:b:c", "word:admin char:: word:monit word:a char:: byte char:: word:c"},
		{"L-url", "http://a/b?c,d#e\tx mysql://x", "url:http://a/b?c,d#e word:x url:mysql://x"},
		{"L-units", "b kB MB/s gigabytes/s operations/s packets", "byte kb mb gb operation packet"},
		{"L-time", "ms s m h day months d", "millisecond second minute hour day month word:d"},
		{"L-ops", "gt ge lt le eq ne == notequal matching =~ !=~ nomatch older newer", "> >= < <= = != = != match match nomatch nomatch > <"},
		{"L-parens", "loadavg loadavg(5) loadavg (15 min) loadavg(10)", "loadavg loadavg(5) loadavg(15) loadavg int:10"},
		{"L-parens", "cpu cpu() cpu(usr) cpu usage ( wait ) cpu(x) cpu(u s)", "cpu cpu(user) cpu(user) cpu(wait) cpu word:x cpu word:u second"},
		{"", "access time access timestamp access  time", "atime atime word:access time"},
		{"", "total memory total cpu total upload", "totalmem totalcpu total upload"},
		{"", "http headers [ http headers", "http headers word:[ http word:headers"},
		{"", "check check\ngroup group\tdepends depend on", "check word:check group group depends depends"},
		{"", "ssl enable enable ssl ssl{}", "ssl ssl ssl char:{ char:}"},
		{"D-quote", "\"a\nq", "bad:\"a word:q monit/unbalanced-quote"},
		{"", "a\x00b", "word:a\x00b"[:6] + " monit/nul"},
		{"", "a \xff\x01", "word:a word:\xff char:\x01"},
	}
	for _, test := range tests {
		var want []string
		for _, w := range strings.Split(test.want, " ") {
			if w != "" {
				want = append(want, strings.ReplaceAll(w, "|", " "))
			}
		}
		want = join(want)
		if got := tokens(test.text); !slices.Equal(got, want) {
			t.Errorf("%s: tokens of %q are %q, want %q", test.rows, test.text, got, want)
		}
	}
}

// join puts together the names of keywords of two words.
func join(list []string) []string {
	for i := 0; i+1 < len(list); i++ {
		if list[i] == "http" && list[i+1] == "headers" {
			list = slices.Replace(list, i, i+2, "http headers")
		}
	}
	return list
}

func TestCronLike(t *testing.T) {
	tests := map[string]bool{
		"* * * * *": true, " 1  2\t3 4 5 ": true, "*/5 1-2,3 0 100 -": true,
		"": false, "* * * *": false, "* * * * * *": false, "mon * * * *": false, "* * * *\n*": false,
	}
	for text, want := range tests {
		if got := cronLike([]byte(text)); got != want {
			t.Errorf("cronLike(%q) = %v", text, got)
		}
	}
}

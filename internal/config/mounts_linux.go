package config

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
)

// mounts lists what is mounted. Only the kernel's table is read: no filesystem is asked anything.
func mounts() []mount {
	f, err := os.Open("/proc/self/mounts")
	if err != nil {
		return nil
	}
	defer f.Close()
	return parseMounts(io.LimitReader(f, maxFile))
}

func parseMounts(r io.Reader) (out []mount) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) >= 3 {
			out = append(out, mount{unescape(fields[0]), unescape(fields[1]), fields[2]})
		}
	}
	return out
}

// unescape resolves the octal escapes that stand for blanks.
func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

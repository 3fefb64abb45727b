package daemon

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// smapsLimit bounds what is read of the list of mappings; one has less than 1 kB.
const smapsLimit = 1 << 20

// releaseProgram lets the host have the pages of the program's own file that are not in use now. What starting needed is
// most of them. What is needed again is mapped again, from the file or from the host's cache of it.
func releaseProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range untouched(io.LimitReader(f, smapsLimit), program) {
		// That it failed only means that the pages stay.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.begin, m.end-m.begin, syscall.MADV_DONTNEED)
	}
}

// A mapping is a part of the address space.
type mapping struct{ begin, end uintptr }

// untouched lists the mappings of a file that hold nothing but what the file does: they can neither be written nor have
// they ever been, not even by a loader.
func untouched(smaps io.Reader, file string) []mapping {
	var out []mapping
	var now mapping
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		if begin, end, ok := strings.Cut(fields[0], "-"); ok { // 00400000-00cab000 r-xp 00000000 fe:00 4711  /usr/bin/orderly
			b, beginErr := strconv.ParseUint(begin, 16, strconv.IntSize)
			e, endErr := strconv.ParseUint(end, 16, strconv.IntSize)
			now = mapping{}
			if beginErr == nil && endErr == nil && b < e && strings.HasPrefix(fields[1], "r-") && fields[len(fields)-1] == file {
				now = mapping{uintptr(b), uintptr(e)}
			}
		} else if fields[0] == "Anonymous:" && fields[1] == "0" && now != (mapping{}) {
			out, now = append(out, now), mapping{}
		}
	}
	return out
}

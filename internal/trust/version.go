package trust

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// What a name of a version means beside a version.
const (
	anyVersion uint16 = 0 // what the TLS library thinks best
	noVersion  uint16 = 1 // one that cannot be spoken
)

// version understands "tlsv1.2" and "tlsv12".
func version(name string) uint16 {
	switch strings.ReplaceAll(strings.ToLower(name), ".", "") {
	case "auto", "":
		return anyVersion
	case "tlsv1", "tlsv10":
		return tls.VersionTLS10
	case "tlsv11":
		return tls.VersionTLS11
	case "tlsv12":
		return tls.VersionTLS12
	case "tlsv13":
		return tls.VersionTLS13
	}
	return noVersion
}

// versionRange is the span of the versions listed, zeros for what the TLS library thinks best. Those in between that
// are not listed are refused after the handshake.
func versionRange(names []string) (low, high uint16, err error) {
	for _, name := range names {
		v := version(name)
		switch {
		case v == anyVersion:
			return 0, 0, nil
		case v == noVersion:
			continue
		case low == 0:
			low, high = v, v
		}
		low, high = min(low, v), max(high, v)
	}
	if low == 0 && len(names) > 0 {
		return 0, 0, fmt.Errorf("cannot speak %s: it is not supported", strings.Join(names, ", "))
	}
	return low, high, nil
}

// listed tells whether a version is among those named; none named means all.
func listed(names []string, spoken uint16) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool {
		v := version(name)
		return v == spoken || v == anyVersion
	})
}

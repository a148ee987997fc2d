package anonymize

import (
	"strings"

	"reprise/capture/dialect"
)

// header answers for one header: what says how to read the request stays, ids are replaced, all else goes and is counted.
func (a *Anonymizer) header(f dialect.Field) (value string, op dialect.Op) {
	switch {
	case strings.EqualFold(f.Name, "Host"):
		return safeHost(f.Value), dialect.Set
	case f.Value == "" && f.Class != dialect.Unknown:
		return "", dialect.Leave
	}
	switch f.Class {
	case dialect.Time:
		if isPlainHeader(f.Name, f.Value) {
			return a.time(f)
		}
	case dialect.Keep, dialect.Encoding, dialect.Segments:
		if isPlainHeader(f.Name, f.Value) && (a.cur.vendor != "" || !strings.EqualFold(f.Name, "User-Agent")) {
			return "", dialect.Leave
		}
	case dialect.Secret, dialect.Unknown:
	default:
		return a.replace(f), dialect.Set
	}
	a.report.droppedHeader(f.Name)
	return "", dialect.Drop
}

// isPlainHeader says whether a header's value looks like what these headers say of machines: short, no address, no number
// as long as a telephone's.
func isPlainHeader(name, value string) bool {
	if len(value) > 200 || strings.ContainsAny(value, "@") || strings.Contains(value, "://") {
		return false
	}
	if strings.EqualFold(name, "Content-Type") {
		return isContentType(value)
	}
	return longestDigitRun(value) < 7 || strings.EqualFold(name, "telnyx-timestamp")
}

// isContentType says whether a Content-Type has no parameter but a charset.
func isContentType(value string) bool {
	_, parameters, ok := strings.Cut(value, ";")
	if !ok {
		return true
	}
	parameters = strings.ToLower(strings.TrimSpace(parameters))
	return parameters == "" || strings.HasPrefix(parameters, "charset=") && !strings.Contains(parameters, ";")
}

func longestDigitRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

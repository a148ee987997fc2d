package anonymize

import (
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/payload"
)

// header answers for one header: what says how to read the request stays, ids are replaced, all else goes and is counted.
func (a *Anonymizer) header(f dialect.Field) (value string, op dialect.Op) {
	switch {
	case strings.EqualFold(f.Name, "Host"):
		return safeHost(f.Value), dialect.Set // hosts counts it
	case f.Value == "" && f.Class != dialect.Unknown:
		return "", dialect.Leave
	}
	switch f.Class {
	case dialect.Time:
		if a.isTimeHeader(f.Value) {
			a.keptName(f)
			return a.time(f)
		}
	case dialect.Keep, dialect.Encoding, dialect.Segments:
		if a.isPlainHeader(f.Name, f.Value) && (a.cur.vendor != "" || !strings.EqualFold(f.Name, "User-Agent")) {
			a.keptHeader(f)
			return "", dialect.Leave
		}
	case dialect.Secret:
		if mark, ok := a.signatureMark(f); ok {
			a.report.droppedHeader(f.Name)
			return mark, dialect.Set
		}
	case dialect.Unknown:
	default:
		return a.replace(f), dialect.Set
	}
	a.report.droppedHeader(f.Name)
	return "", dialect.Drop
}

// signatureMark returns what of a signature's header says by which of its vendor's schemes the request was signed.
func (a *Anonymizer) signatureMark(f dialect.Field) (mark string, ok bool) {
	v, ok := a.table.Named(a.cur.vendor)
	if !ok {
		return "", false
	}
	return v.SignatureMark(f.Name, f.Value)
}

// isPlainHeader says whether a header's value looks like what these headers say of machines: short, no address, no number
// as long as a telephone's.
func (a *Anonymizer) isPlainHeader(name, value string) bool {
	if len(value) > 200 || strings.ContainsAny(value, "@") || strings.Contains(value, "://") {
		return false
	}
	if !strings.EqualFold(name, "Content-Length") && !a.allMachineWords(value) {
		return false
	}
	if strings.EqualFold(name, "Content-Type") {
		return isContentType(value)
	}
	return longestDigitRun(value) < 7
}

// isTimeHeader says whether a header's value is a time in a form that is known, and nothing else.
func (a *Anonymizer) isTimeHeader(value string) bool {
	_, ok := payload.AppendMoved(nil, []byte(value), a.cur.at, 0)
	return ok
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

// allMachineWords says whether a header's value is made of words that machines say of themselves, and of versions: anything
// else may be somebody's.
func (a *Anonymizer) allMachineWords(value string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(value), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80 }) {
		letters := strings.Trim(word, "0123456789")
		if _, ok := a.machineWords[letters]; letters != "" && letters != "v" && !ok {
			return false
		}
	}
	return true
}

// MachineWords returns the words that a header's value may be made of and stay: those of media types, of codings, of the programs
// that send webhooks, and of the vendors of the table.
func MachineWords(table dialect.Table) []string {
	return append(strings.Fields(machineWordList), table.HeaderWords()...)
}

// machineWordList are the words of no vendor, without digits at their ends.
const machineWordList = `
	application audio image message multipart text video form data mixed related json xml html plain css csv javascript octet
	stream urlencoded x www soap problem cloudevents smil charset boundary utf iso ascii us q
	gzip deflate br zstd compress identity chunked trailers keep alive close upgrade
	proxy webhooks webhook messaging api
	go http client httpclient apache java okhttp python requests urllib aiohttp curl libcurl wget node fetch axios undici ruby
	faraday rack guzzle guzzlehttp php erlang hackney elixir jakarta commons async netty akka pekko reactornetty spring
	envoy nginx haproxy amazon sns simple notification service agent compatible linux gnu darwin windows amd arm`

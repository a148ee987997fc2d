package logs

import (
	"errors"
	"slices"
	"strings"

	"reprise/capture/yamldoc"
)

// Map says where in a log things are. A place is a JSON pointer (RFC 6901) such as "/request/uri", or the bare name of a field at the
// top, of a column, of a key or of a group of the pattern. The field names in YAML are the tags'.
//
// Time and URL (or Request) are needed; the rest may be left out. What a line itself may lack is the status, the latency,
// the host, the query, the body (it is then empty) and any header.
type Map struct {
	// Preset names one of Presets, which gives what this map leaves out, as Over does. Only ReadMap heeds it.
	Preset string `yaml:"preset"`
	// Format is one of the Input constants; "" tells it by the content.
	Format string `yaml:"format"`
	// Pattern is a regular expression (RE2) whose named groups are the fields of a line of text. A field of the map that is left out
	// is the group of its name. With Unwrap it is for text within JSON.
	Pattern string `yaml:"pattern"`
	// Unwrap are the places of what holds the request, one within another: an object, JSON in a string, or an array, of which each
	// element is a request. The other places are looked for in the innermost first, and last in the line itself.
	Unwrap placeList `yaml:"unwrap"`
	// Where says which lines are requests: those that have these values, or what /a regular expression/ matches, at these places. The
	// others are left out and counted.
	Where map[string]string `yaml:"where"`

	Time string `yaml:"time"`
	// TimeFormat is one of the Format constants, strftime's verbs, such as "%d/%b/%Y:%H:%M:%S %z", or a layout of the Go package time,
	// such as "02/Jan/2006:15:04:05 -0700". "" tells it by the value.
	TimeFormat string `yaml:"time_format"`
	// TimeIs says which moment of the request Time is: TimeIsStart, the default, or TimeIsEnd, from which the
	// latency is then taken off.
	TimeIs string `yaml:"time_is"`
	// TZ is the time zone of times that tell none, such as "America/New_York"; "" is UTC.
	TZ string `yaml:"tz"`

	// Request is where a request line stands, "POST /path HTTP/1.1", in place of Method and URL.
	Request string `yaml:"request"`
	Method  string `yaml:"method"` // POST where it is left out
	URL     string `yaml:"url"`    // path and query as sent; a whole URL gives the host too
	// DefaultURL is the path of a request whose line has none, such as "/webhook".
	DefaultURL string  `yaml:"default_url"`
	Query      string  `yaml:"query"` // added to a URL that has none
	Host       string  `yaml:"host"`  // the Host header where left out
	Headers    Headers `yaml:"headers"`

	Body string `yaml:"body"`
	// BodyEncoding is one of the Encoding constants.
	BodyEncoding string `yaml:"body_encoding"`
	// BodyBase64 is where the body stands, in base64, of a line that has none at Body.
	BodyBase64 string `yaml:"body_base64"`

	// NoBody says what becomes of a request of which the line has no body field at all: NoBodyKeep, the default, or NoBodySkip.
	NoBody string `yaml:"no_body"`

	Status  string `yaml:"status"`
	Latency string `yaml:"latency"`
	// LatencyUnit is s (the default), ms, us or ns. A latency that has its own unit, such as "1.5ms", needs none.
	LatencyUnit string `yaml:"latency_unit"`

	// Rebuilt and Synthetic are where true says that the request is not as its vendor sent it: see capture.Origin.
	Rebuilt   string `yaml:"rebuilt"`
	Synthetic string `yaml:"synthetic"`

	// HostsUnknown says that nobody knows from which hosts the lines were captured: a Host in them may be another one.
	HostsUnknown bool `yaml:"hosts_unknown"`
}

// The ways in which a log holds its lines.
const (
	InputJSON   = "json"   // objects: a line each, or one after another, or in an array
	InputCSV    = "csv"    // a table with its columns' names in the first line (RFC 4180)
	InputTSV    = "tsv"    // the same with tabs
	InputLogfmt = "logfmt" // key=value key="another value"
	InputText   = "text"   // lines that Pattern takes apart
)

// The time formats that are no layouts. Numbers keep every digit to the nanosecond.
const (
	FormatRFC3339   = "rfc3339" // also with a space for its T, a comma for its point, and without a zone
	FormatUnix      = "unix"    // seconds since 1970, with or without a fraction
	FormatUnixMilli = "unix_ms"
	FormatUnixMicro = "unix_us"
	FormatUnixNano  = "unix_ns"
)

// Which moment of the request a line's time is.
const (
	TimeIsStart = "start"
	TimeIsEnd   = "end"
)

// How a line holds the body.
const (
	EncodingRaw    = "raw"    // a string; the default
	EncodingBase64 = "base64" // standard or URL alphabet, padded or not
	// EncodingNginx is for logs that nginx wrote without escape=json: \xHH stands for a byte, in every string of
	// the line, and "-" for an empty value.
	EncodingNginx = "nginx"
	// EncodingForm and EncodingJSON are for a payload that was logged as parsed, as an object or as JSON in a string or a column: its fields are
	// encoded again in the order in which they were logged, and the record is capture.Rebuilt. Any other text is the body as it was sent, and
	// for EncodingJSON a string of JSON is, too.
	EncodingForm = "form" // application/x-www-form-urlencoded; an object within it gives a[b]=c
	EncodingJSON = "json" // without white space between its tokens, which stay as they were logged
	// EncodingParsed is EncodingForm for fields that are texts alone, unless a vendor is known to send these as JSON, and else EncodingJSON, for
	// a log of several vendors' payloads.
	EncodingParsed = "parsed"
)

// What becomes of requests of which a log has no body.
const (
	NoBodyKeep = "keep" // they are kept, and their body is empty
	NoBodySkip = "skip" // they are left out and counted: of a log that holds no bodies, nothing can be replayed
)

// Headers says where a line's headers are: all At one place, or Each at its own.
type Headers struct {
	// At is the place of an object (a value may be an array of values), of an array of [name, value], of an array
	// of {"name": …, "value": …}, of any of these as JSON in a string, or of header lines.
	At string
	// Each gives the headers one by one, in the order in which the record shall have them. One that a line
	// lacks, or that is empty, is left out.
	Each []HeaderAt
}

// HeaderAt is one header's place.
type HeaderAt struct {
	Name, Pointer string
}

// placeList is a list of places, of which a file may hold one by itself.
type placeList []string

// UnmarshalYAML reads a place or a list of places.
func (l *placeList) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*l = placeList{one}
		return nil
	}
	var list []string
	if unmarshal(&list) != nil {
		return errors.New(`field "unwrap": want a place, or a list of places`)
	}
	*l = list
	return nil
}

// UnmarshalYAML reads a pointer, a mapping of names to pointers (put in order of name) or a list of
// such mappings (kept in order).
func (h *Headers) UnmarshalYAML(unmarshal func(any) error) error {
	*h = Headers{}
	if unmarshal(&h.At) == nil {
		return nil
	}
	h.At = ""
	var list []map[string]string
	if unmarshal(&list) != nil {
		var one map[string]string
		if unmarshal(&one) != nil {
			return errors.New(`field "headers": want a JSON pointer, or header names with a JSON pointer each`)
		}
		list = append(list, one)
	}
	for _, m := range list {
		from := len(h.Each)
		for name, pointer := range m {
			h.Each = append(h.Each, HeaderAt{name, pointer})
		}
		slices.SortFunc(h.Each[from:], func(a, b HeaderAt) int { return strings.Compare(a.Name, b.Name) })
	}
	return nil
}

// ReadMap reads a map from a YAML file. What is wrong with its content is a *yamldoc.ContentError.
func ReadMap(name string) (Map, error) { return ReadMapOver(name, Map{}) }

// ReadMapOver reads a map as ReadMap does, over another one.
func ReadMapOver(name string, base Map) (Map, error) {
	var m Map
	if _, err := yamldoc.Load(name, &m); err != nil {
		return Map{}, err
	}
	m, err := m.based()
	if err == nil {
		m = m.Over(base)
		err = m.Validate()
	}
	if err != nil {
		return Map{}, &yamldoc.ContentError{Name: name, Err: err}
	}
	return m, nil
}

package logs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"reprise/capture/wire"
	"reprise/capture/yamldoc"
)

// Map says where in each line of a log things are: every place is a JSON pointer (RFC 6901) into the line,
// such as "/request/uri". The field names in YAML are the tags'.
//
// Time and URL are needed; the rest may be left out. What a line itself may lack is the status, the latency,
// the host, the body (it is then empty) and any header.
type Map struct {
	Time string `yaml:"time"`
	// TimeFormat is one of the Format constants, or a layout of the Go package time, such as
	// "02/Jan/2006:15:04:05 -0700". A layout without a zone is read as UTC.
	TimeFormat string `yaml:"time_format"`
	// TimeIs says which moment of the request Time is: TimeIsStart, the default, or TimeIsEnd, from which the
	// latency is then taken off.
	TimeIs string `yaml:"time_is"`

	Method  string  `yaml:"method"` // POST where it is left out
	URL     string  `yaml:"url"`    // path and query as sent; a whole URL gives the host too
	Host    string  `yaml:"host"`   // the Host header where left out
	Headers Headers `yaml:"headers"`

	Body string `yaml:"body"`
	// BodyEncoding is one of the Encoding constants.
	BodyEncoding string `yaml:"body_encoding"`
	// BodyBase64 is where the body stands, in base64, of a line that has none at Body.
	BodyBase64 string `yaml:"body_base64"`

	Status  string `yaml:"status"`
	Latency string `yaml:"latency"`
	// LatencyUnit is s (the default), ms, us or ns.
	LatencyUnit string `yaml:"latency_unit"`

	// Rebuilt and Synthetic are where true says that the request is not as its vendor sent it: see capture.Origin.
	Rebuilt   string `yaml:"rebuilt"`
	Synthetic string `yaml:"synthetic"`
}

// The time formats that are no layouts. Numbers keep every digit to the nanosecond.
const (
	FormatRFC3339   = "rfc3339" // the default
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
	EncodingPlain  = "plain"  // a JSON string; the default
	EncodingBase64 = "base64" // standard or URL alphabet, padded or not
	// EncodingNginx is for logs that nginx wrote without escape=json: \xHH stands for a byte, in every string of
	// the line, and "-" for an empty value.
	EncodingNginx = "nginx"
	EncodingJSON  = "json" // a JSON value, whose bytes are the body
)

// Headers says where a line's headers are: all At one place, or Each at its own.
type Headers struct {
	// At points to an object (a value may be an array of values), to an array of [name, value], or to an array
	// of {"name": …, "value": …}.
	At string
	// Each gives the headers one by one, in the order in which the record shall have them. One that a line
	// lacks, or that is empty, is left out.
	Each []HeaderAt
}

// HeaderAt is one header's place.
type HeaderAt struct {
	Name, Pointer string
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
func ReadMap(name string) (Map, error) {
	var m Map
	if _, err := yamldoc.Load(name, &m); err != nil {
		return Map{}, err
	}
	if err := m.Validate(); err != nil {
		return Map{}, &yamldoc.ContentError{Name: name, Err: err}
	}
	return m, nil
}

// Validate says which field of the map is missing or wrong.
func (m Map) Validate() error {
	for _, p := range []struct{ field, pointer string }{
		{"time", m.Time},
		{"url", m.URL},
		{"method", m.Method},
		{"host", m.Host},
		{"body", m.Body},
		{"body_base64", m.BodyBase64},
		{"status", m.Status},
		{"latency", m.Latency},
		{"rebuilt", m.Rebuilt},
		{"synthetic", m.Synthetic},
		{"headers", m.Headers.At},
	} {
		if p.pointer == "" {
			if p.field == "time" || p.field == "url" {
				return mapError(p.field, errors.New("missing"))
			}
			continue
		}
		if err := checkPointer(p.pointer); err != nil {
			return mapError(p.field, err)
		}
	}
	for _, h := range m.Headers.Each {
		if !wire.IsToken(h.Name) {
			return mapError("headers", fmt.Errorf("%q is no header name", h.Name))
		}
		if err := checkPointer(h.Pointer); err != nil {
			return mapError("headers", fmt.Errorf("%s: %w", h.Name, err))
		}
	}
	return m.validateChoices()
}

func (m Map) validateChoices() error {
	for _, c := range []struct {
		field, value string
		allowed      []string
	}{
		{"time_is", m.TimeIs, []string{TimeIsStart, TimeIsEnd}},
		{"body_encoding", m.BodyEncoding, []string{EncodingPlain, EncodingBase64, EncodingNginx, EncodingJSON}},
		{"latency_unit", m.LatencyUnit, []string{"s", "ms", "us", "ns"}},
	} {
		if c.value != "" && !slices.Contains(c.allowed, c.value) {
			return mapError(c.field, fmt.Errorf("%q is none of %s", c.value, strings.Join(c.allowed, ", ")))
		}
	}
	if m.TimeIs == TimeIsEnd && m.Latency == "" {
		return mapError("latency", errors.New(`missing, and "time_is: end" needs it`))
	}
	if _, number := m.timeExponent(); !number && m.timeLayout() != time.RFC3339Nano && !isLayout(m.TimeFormat) {
		return mapError("time_format", fmt.Errorf("%q is none of rfc3339, unix, unix_ms, unix_us, unix_ns and no Go layout", m.TimeFormat))
	}
	return nil
}

func mapError(field string, err error) error { return fmt.Errorf("log map: field %q: %w", field, err) }

// timeExponent is set for the formats that are numbers.
func (m Map) timeExponent() (exp int, number bool) {
	switch m.TimeFormat {
	case FormatUnix:
		return seconds, true
	case FormatUnixMilli:
		return milliseconds, true
	case FormatUnixMicro:
		return microseconds, true
	case FormatUnixNano:
		return nanoseconds, true
	}
	return 0, false
}

func (m Map) timeLayout() string {
	if m.TimeFormat == "" || m.TimeFormat == FormatRFC3339 {
		return time.RFC3339Nano
	}
	return m.TimeFormat
}

func (m Map) latencyExponent() int {
	switch m.LatencyUnit {
	case "ms":
		return milliseconds
	case "us":
		return microseconds
	case "ns":
		return nanoseconds
	}
	return seconds
}

// isLayout says whether a time written by the layout can be read back, to the second.
func isLayout(layout string) bool {
	for _, t := range []time.Time{
		time.Date(2022, 11, 25, 13, 59, 7, 0, time.UTC), time.Date(2031, 2, 3, 4, 5, 58, 0, time.UTC),
	} {
		if got, err := time.Parse(layout, t.Format(layout)); err != nil || !got.Equal(t) {
			return false
		}
	}
	return true
}

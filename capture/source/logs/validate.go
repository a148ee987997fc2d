package logs

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"reprise/capture/wire"
)

// Validate says which field of the map is missing or wrong.
func (m Map) Validate() error {
	_, err := m.ready()
	return err
}

// ready is the map with what its pattern gives it, once it is valid.
func (m Map) ready() (Map, error) {
	if m.Pattern != "" {
		re, err := compile(m.Pattern)
		if err != nil {
			return m, mapError("pattern", err)
		}
		if err := m.takeGroups(re.Regexp); err != nil {
			return m, mapError("pattern", err)
		}
	}
	for _, check := range []func(Map) error{Map.validatePlaces, Map.validateWhere, Map.validateChoices, Map.validateTime} {
		if err := check(m); err != nil {
			return m, err
		}
	}
	return m, nil
}

// places are the fields of the map that say where something is.
func (m *Map) places() []mapPlace {
	return []mapPlace{
		{"time", &m.Time},
		{"request", &m.Request},
		{"url", &m.URL},
		{"method", &m.Method},
		{"query", &m.Query},
		{"host", &m.Host},
		{"headers", &m.Headers.At},
		{"body", &m.Body},
		{"body_base64", &m.BodyBase64},
		{"status", &m.Status},
		{"latency", &m.Latency},
		{"rebuilt", &m.Rebuilt},
		{"synthetic", &m.Synthetic},
	}
}

type mapPlace struct {
	field string
	place *string
}

// takeGroups has the groups of a pattern stand for the fields of the map that have their names and are left out.
func (m *Map) takeGroups(re *regexp.Regexp) error {
	named := false
	for _, p := range m.places() {
		if *p.place == "" && re.SubexpIndex(p.field) > 0 && (p.field != "headers" || len(m.Headers.Each) == 0) {
			*p.place = p.field
		}
	}
	for _, name := range re.SubexpNames() {
		named = named || name != ""
	}
	if !named {
		return errors.New("it has no named group, such as (?P<time>.*)")
	}
	return nil
}

func (m Map) validatePlaces() error {
	for _, p := range m.places() {
		if *p.place == "" {
			continue
		}
		if err := checkPlace(*p.place); err != nil {
			return mapError(p.field, err)
		}
	}
	switch {
	case m.Time == "":
		return mapError("time", errors.New("missing"))
	case m.URL == "" && m.Request == "" && m.DefaultURL == "":
		return mapError("url", errors.New("missing"))
	case m.DefaultURL != "" && (m.DefaultURL[0] != '/' || !sendable(m.DefaultURL)):
		return mapError("default_url", errors.New("it is no path, such as /webhook"))
	case m.Request != "" && m.URL != "":
		return mapError("request", errors.New("a request line has the URL: either it or url"))
	case m.Request != "" && m.Method != "":
		return mapError("request", errors.New("a request line has the method: either it or method"))
	}
	for _, h := range m.Headers.Each {
		if !wire.IsToken(h.Name) {
			return mapError("headers", fmt.Errorf("%q is no header name", h.Name))
		}
		if err := checkPlace(h.Pointer); err != nil {
			return mapError("headers", fmt.Errorf("%s: %w", h.Name, err))
		}
	}
	for _, place := range m.Unwrap {
		if err := checkPlace(place); err != nil {
			return mapError("unwrap", err)
		}
	}
	if len(m.Unwrap) > maxUnwrap {
		return mapError("unwrap", fmt.Errorf("it has more than %d places", maxUnwrap))
	}
	return nil
}

func (m Map) validateWhere() error {
	for _, place := range slices.Sorted(maps.Keys(m.Where)) {
		if err := checkPlace(place); err != nil {
			return mapError("where", err)
		}
		if _, err := newCondition(m.Where[place]); err != nil {
			return mapError("where", fmt.Errorf("%s: %w", place, err))
		}
	}
	return nil
}

func (m Map) validateChoices() error {
	if m.BodyEncoding == "plain" {
		return mapError("body_encoding", fmt.Errorf(`"plain" is called %q now`, EncodingRaw))
	}
	for _, c := range []struct {
		field, value string
		allowed      []string
	}{
		{"format", m.Format, []string{InputJSON, InputCSV, InputTSV, InputLogfmt, InputText}},
		{"time_is", m.TimeIs, []string{TimeIsStart, TimeIsEnd}},
		{"body_encoding", m.BodyEncoding, []string{EncodingRaw, EncodingBase64, EncodingForm, EncodingJSON, EncodingParsed, EncodingNginx}},
		{"no_body", m.NoBody, []string{NoBodyKeep, NoBodySkip}},
		{"latency_unit", m.LatencyUnit, []string{"s", "ms", "us", "ns"}},
	} {
		if c.value != "" && !slices.Contains(c.allowed, c.value) {
			return mapError(c.field, fmt.Errorf("%q is none of %s", c.value, strings.Join(c.allowed, ", ")))
		}
	}
	if m.TimeIs == TimeIsEnd && m.Latency == "" {
		return mapError("latency", errors.New(`missing, and "time_is: end" needs it`))
	}
	text := m.Format == InputText
	switch {
	case text && m.Pattern == "":
		return mapError("pattern", errors.New(`missing, and "format: text" needs it`))
	case m.Pattern != "" && m.Format != "" && !text && len(m.Unwrap) == 0:
		return mapError("pattern", fmt.Errorf("it is for lines of text, and the format is %s", m.Format))
	}
	return nil
}

func (m Map) validateTime() error {
	if _, err := time.LoadLocation(m.TZ); err != nil {
		return mapError("tz", fmt.Errorf("no time zone is called %q", m.TZ))
	}
	_, err := newClock(m)
	if err != nil {
		return mapError("time_format", err)
	}
	return nil
}

func mapError(field string, err error) error { return fmt.Errorf("log map: field %q: %w", field, err) }

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

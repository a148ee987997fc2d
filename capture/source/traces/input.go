package traces

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"reprise/capture"
	"reprise/capture/internal/rows"
)

// row is one line that a program logged, without what collectors of logs put around it.
type row struct {
	text   string
	at     time.Time // when the collector saw it; zero where it does not say
	number int64     // of the line, record or object that it stood in, from 1
	object []byte    // the whole of an object that has no message, in place of text
}

// bufferSize is how far the first bytes are looked at.
const bufferSize = 256 << 10

// damage is the reason for which one line, object or record cannot be read. Reading goes on behind it.
type damage string

func (d damage) Error() string { return string(d) }

const (
	errTooLong damage = "line too long"
	errNotJSON damage = "not JSON"
)

// input cuts what a source reads into rows: lines of text, lines and arrays of JSON objects, and tables (CSV) with a column of messages.
type input struct {
	in     *bufio.Reader
	pipe   *capture.Stoppable
	number int64
	queue  []row
	next   func() error // puts rows into the queue
	column struct{ message, time int }
	part   string // of a line that goes on in the next
	lost   int64  // bytes of what could not be read
	stamp  *regexp.Regexp
}

func newInput(in *capture.Stoppable) *input {
	return &input{
		in: bufio.NewReaderSize(in, bufferSize), pipe: in,
		// A line that a collector has put a time before: of the container runtime interface with its stream and whether the line goes
		// on in the next, or of an export of CloudWatch.
		stamp: regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?:(?:stdout|stderr) ([FP]) )?`),
	}
}

// read gives the next row. A damage is of one line alone.
func (r *input) read() (row, error) {
	if r.next == nil {
		r.begin()
	}
	for len(r.queue) == 0 {
		if err := r.next(); err != nil && len(r.queue) == 0 {
			return row{}, err
		}
	}
	first := r.queue[0]
	r.queue = r.queue[1:]
	return first, nil
}

// begin tells by the first bytes what kind of input it is.
func (r *input) begin() {
	start := rows.Await(r.in, hasLine)
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	first, _, whole := bytes.Cut(start, []byte{'\n'})
	first = bytes.TrimSpace(first)
	switch {
	case len(first) > 0 && (first[0] == '[' && (len(first) == 1 || first[1] == '{') || first[0] == '{' && whole && !json.Valid(first) && !startsWithObject(first)):
		objects := rows.NewObjects(r.in, rows.MaxRow, rows.ObjectOptions{})
		r.next = func() error { return r.object(objects) }
		return
	case len(first) > 0 && first[0] != '{':
		record := rows.Record{Comma: rows.Comma(first)}
		record.Cut(first, true)
		var header []string
		for _, f := range record.Fields {
			header = append(header, strings.ToLower(string(bytes.TrimSpace(first[f.Start:f.End]))))
		}
		message := slices.IndexFunc(header, func(name string) bool { return name == "@message" || name == "message" })
		if message >= 0 && len(header) > 1 {
			r.column.message = message
			r.column.time = slices.IndexFunc(header, func(name string) bool { return name == "@timestamp" || name == "timestamp" })
			table := rows.NewTable(r.in, record.Comma, rows.MaxRow, func() bool { return r.pipe.Stopped })
			r.next = func() error { return r.record(table) }
			return
		}
	}
	lines := rows.NewLines(r.in, rows.MaxRow)
	r.next = func() error { return r.line(lines) }
}

// hasLine says whether the first line with something in it has come.
func hasLine(start []byte) bool {
	return bytes.IndexByte(bytes.TrimLeft(start, "\ufeff \t\r\n"), '\n') >= 0
}

func startsWithObject(text []byte) bool {
	var first json.RawMessage
	return json.NewDecoder(bytes.NewReader(text)).Decode(&first) == nil
}

// line reads one of text, which may be JSON.
func (r *input) line(lines *rows.Lines) error {
	line, err := lines.Next()
	r.number = lines.Number()
	if line == nil && err == nil {
		r.lost = lines.Gone()
		return errTooLong
	}
	line = bytes.TrimRight(line, "\r\n")
	if text := bytes.TrimSpace(line); len(text) > 0 && text[0] == '{' {
		dec := json.NewDecoder(bytes.NewReader(text))
		for dec.More() {
			var raw json.RawMessage
			if dec.Decode(&raw) != nil || r.unwrap(raw, time.Time{}, 0) != nil {
				r.lost = int64(len(line))
				return errors.Join(err, errNotJSON)
			}
		}
		return err
	}
	if len(line) > 0 || err == nil {
		r.text(string(line), time.Time{})
	}
	return err
}

// text queues a line of text.
func (r *input) text(line string, at time.Time) {
	if m := r.stamp.FindStringSubmatch(line); m != nil {
		if t, err := time.Parse(time.RFC3339Nano, m[1]); err == nil {
			at = t
		}
		line = line[len(m[0]):]
		if m[2] == "P" && len(r.part) < rows.MaxRow {
			r.part += line
			return
		}
		line, r.part = r.part+line, ""
	}
	r.queue = append(r.queue, row{text: line, at: at, number: r.number})
}

// object reads the next element of an array, or the next of objects that go over several lines.
func (r *input) object(objects *rows.Objects) error {
	object, err := objects.Next()
	r.number = max(1, objects.Number())
	switch {
	case object == nil && err == nil:
		r.lost = objects.Gone()
		return errTooLong
	case len(object) == 0:
		if errors.Is(err, io.EOF) && objects.Within() {
			return io.ErrUnexpectedEOF
		}
		return err
	case err != nil && r.pipe.Stopped: // half an object
		return err
	case objects.Broken, r.unwrap(object, time.Time{}, 0) != nil:
		r.lost = int64(len(object))
		return errNotJSON
	}
	return nil
}

// unwrap queues the messages of an object: its own, or those of its events.
func (r *input) unwrap(raw json.RawMessage, at time.Time, depth int) error {
	var o map[string]json.RawMessage
	const deepest = 4
	if depth > deepest || json.Unmarshal(raw, &o) != nil {
		return errNotJSON
	}
	for _, name := range [...]string{"timestamp", "@timestamp", "time", "date"} {
		if t, ok := jsonTime(o[name]); ok {
			at = t
			break
		}
	}
	for _, name := range [...]string{"events", "logEvents"} {
		var events []json.RawMessage
		if json.Unmarshal(o[name], &events) != nil {
			continue
		}
		for _, e := range events {
			if err := r.unwrap(e, at, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range [...]string{"log", "message", "@message", "textPayload", "msg"} {
		var text string
		if json.Unmarshal(o[name], &text) == nil {
			r.text(strings.TrimSuffix(text, "\n"), at)
			return nil
		}
	}
	r.queue = append(r.queue, row{at: at, number: r.number, object: slices.Clone(raw)})
	return nil
}

// jsonTime reads the time of a collector: RFC 3339, the same with a blank, or a number of seconds or milliseconds since 1970.
func jsonTime(raw json.RawMessage) (time.Time, bool) {
	text := strings.Trim(string(raw), `"`)
	return textTime(text)
}

func textTime(text string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	const mostSeconds = 1e11
	switch {
	case err != nil || n <= 0 || n > 1e15:
		return time.Time{}, false
	case n > mostSeconds:
		return time.UnixMilli(int64(n)).UTC(), true
	}
	return time.UnixMilli(int64(n * 1000)).UTC(), true
}

// record reads one of a table.
func (r *input) record(table *rows.Table) error {
	record, err := table.Next()
	r.number = table.Line()
	switch reason := table.Reason(); {
	case record == nil && err == nil:
		r.lost = table.Gone()
		return errTooLong
	case len(record) == 0, err != nil && (!errors.Is(err, io.EOF) || r.pipe.Stopped): // half a record
		return err
	case reason != "":
		r.lost = int64(len(record))
		return damage(reason)
	}
	at := time.Time{}
	if r.column.time >= 0 {
		at, _ = textTime(string(table.Fields[r.column.time].Content(record)))
	}
	r.text(string(table.Fields[r.column.message].Content(record)), at)
	return nil
}

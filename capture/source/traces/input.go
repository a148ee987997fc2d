package traces

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is one line that a program logged, without what collectors of logs put around it.
type row struct {
	text   string
	at     time.Time // when the collector saw it; zero where it does not say
	number int64     // of the line, record or object that it stood in, from 1
	object []byte    // the whole of an object that has no message, in place of text
}

const (
	// maxRow is the longest line or object that is read, in bytes.
	maxRow = 16 << 20
	// bufferSize is how far the first bytes are looked at.
	bufferSize = 256 << 10
)

var (
	errTooLong = errors.New("line too long")
	errNotJSON = errors.New("not JSON")
)

// rows cuts an input into rows: lines of text, lines and arrays of JSON objects, and tables (CSV) with a column of messages.
type rows struct {
	in     *bufio.Reader
	number int64
	queue  []row
	next   func() error // puts rows into the queue
	table  *csv.Reader
	column struct{ message, time int }
	dec    *json.Decoder
	limit  *limitReader
	part   string // of a line that goes on in the next
	long   []byte
	lost   int // bytes of the line that could not be read
	stamp  *regexp.Regexp
}

func newRows(r io.Reader) *rows {
	return &rows{
		in: bufio.NewReaderSize(r, bufferSize),
		// A line that a collector has put a time before: of the container runtime interface with its stream and whether the line goes
		// on in the next, or of an export of CloudWatch.
		stamp: regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?:(?:stdout|stderr) ([FP]) )?`),
	}
}

// read gives the next row. errTooLong and errNotJSON are of one line alone.
func (r *rows) read() (row, error) {
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
func (r *rows) begin() {
	r.next = r.line
	start := peekLine(r.in)
	start = bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \t\r\n")
	first, _, whole := bytes.Cut(start, []byte{'\n'})
	first = bytes.TrimSpace(first)
	switch {
	case len(first) == 0:
	case first[0] == '[' && (len(first) == 1 || first[1] == '{') || first[0] == '{' && whole && !json.Valid(first) && !startsWithObject(first):
		r.limit = &limitReader{in: r.in, left: maxRow}
		r.dec = json.NewDecoder(r.limit)
		r.next = r.object
		if first[0] == '[' {
			_, _ = r.dec.Token()
		}
	case first[0] != '{':
		header := strings.Split(strings.ToLower(string(first)), ",")
		for i, name := range header {
			header[i] = strings.Trim(name, "\"\r \ufeff")
		}
		message := slices.IndexFunc(header, func(name string) bool { return name == "@message" || name == "message" })
		if message >= 0 && len(header) > 1 {
			r.column.message = message
			r.column.time = slices.IndexFunc(header, func(name string) bool { return name == "@timestamp" || name == "timestamp" })
			r.table = csv.NewReader(r.in)
			r.table.FieldsPerRecord, r.table.LazyQuotes = -1, true
			_, _ = r.table.Read()
			r.next = r.record
		}
	}
}

// peekLine gives what has come up to the end of the first line with something in it, and waits for no more.
func peekLine(in *bufio.Reader) []byte {
	for n := 1; ; n = in.Buffered() + 1 {
		_, err := in.Peek(n)
		start, _ := in.Peek(in.Buffered())
		if err != nil || n >= in.Size() || bytes.IndexByte(bytes.TrimLeft(start, "\ufeff \t\r\n"), '\n') >= 0 {
			return start
		}
	}
}

func startsWithObject(text []byte) bool {
	var first json.RawMessage
	return json.NewDecoder(bytes.NewReader(text)).Decode(&first) == nil
}

// line reads one of text, which may be JSON.
func (r *rows) line() error {
	r.number++
	line, err := r.in.ReadSlice('\n')
	for r.long = r.long[:0]; errors.Is(err, bufio.ErrBufferFull); line, err = r.in.ReadSlice('\n') {
		if r.long = append(r.long, line...); len(r.long) > maxRow {
			r.lost = len(r.long)
			for errors.Is(err, bufio.ErrBufferFull) {
				line, err = r.in.ReadSlice('\n')
				r.lost += len(line)
			}
			return errTooLong
		}
	}
	if len(r.long) > 0 {
		line = append(r.long, line...)
	}
	if r.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	line = bytes.TrimRight(line, "\r\n")
	if text := bytes.TrimSpace(line); len(text) > 0 && text[0] == '{' {
		dec := json.NewDecoder(bytes.NewReader(text))
		for dec.More() {
			var raw json.RawMessage
			if dec.Decode(&raw) != nil || r.unwrap(raw, time.Time{}, 0) != nil {
				r.lost = len(line)
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
func (r *rows) text(line string, at time.Time) {
	if m := r.stamp.FindStringSubmatch(line); m != nil {
		if t, err := time.Parse(time.RFC3339Nano, m[1]); err == nil {
			at = t
		}
		line = line[len(m[0]):]
		if m[2] == "P" && len(r.part) < maxRow {
			r.part += line
			return
		}
		line, r.part = r.part+line, ""
	}
	r.queue = append(r.queue, row{text: line, at: at, number: r.number})
}

// object reads the next element of an array, or the next of objects that go over several lines.
func (r *rows) object() error {
	r.number++
	r.limit.left = maxRow
	var raw json.RawMessage
	switch err := r.dec.Decode(&raw); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case err != nil && !r.dec.More(): // the array's end
		return io.EOF
	case err != nil:
		return err
	}
	return r.unwrap(raw, time.Time{}, 0)
}

// unwrap queues the messages of an object: its own, or those of its events.
func (r *rows) unwrap(raw json.RawMessage, at time.Time, depth int) error {
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
func (r *rows) record() error {
	r.number++
	fields, err := r.table.Read()
	if err != nil {
		return err
	}
	at := time.Time{}
	if r.column.time >= 0 && r.column.time < len(fields) {
		at, _ = textTime(fields[r.column.time])
	}
	if r.column.message < len(fields) {
		r.text(fields[r.column.message], at)
	}
	return nil
}

// limitReader fails where an object is too long.
type limitReader struct {
	in   io.Reader
	left int
}

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.in.Read(p)
	l.left -= n
	return n, err
}

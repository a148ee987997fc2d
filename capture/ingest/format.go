package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/dialect/all"
	"reprise/capture/internal/rows"
	"reprise/capture/source/goreplay"
	"reprise/capture/source/har"
	"reprise/capture/source/logs"
	"reprise/capture/source/messages"
	"reprise/capture/source/packet"
	"reprise/capture/source/traces"
)

// Format is what an input was recognised as, as a noun phrase: "a packet capture (pcap)".
type Format string

// The formats that Recognise tells apart. Packet captures, logs, HTTP archives and recordings of GoReplay are read.
const (
	Unknown       Format = "of a kind that reprise does not know"
	Empty         Format = "an empty file"
	Corpus        Format = "a corpus"
	PacketCapture Format = "a packet capture (pcap)"
	JSONLines     Format = "a log of JSON lines"
	JSONDocument  Format = "a JSON document"
	JSONObjects   Format = "a log of JSON objects"
	PrintedCorpus Format = "JSON lines as reprise cat prints them"
	HAR           Format = "an HTTP archive (HAR)"
	GoReplay      Format = "a recording of GoReplay"
	CSV           Format = "a table (CSV)"
	TSV           Format = "a table (TSV)"
	Logfmt        Format = "a log of logfmt lines"
	RailsLog      Format = "a log of a Rails application"
	GatewayLog    Format = "an execution log of an API gateway"
	TapTraces     Format = "traces of envoy's tap filter"
	Report        Format = "a report of reprise (HTML)"
	HTML          Format = "a page of HTML"
	XML           Format = "XML"
	TextLines     Format = "a log of lines of text"
	Text          Format = "text"
	WhiteSpace    Format = "white space alone"
	Tar           Format = "an archive (tar)"
	Zip           Format = "an archive (zip)"
	SevenZip      Format = "an archive (7z)"
	Bzip2         Format = "compressed by bzip2"
	XZ            Format = "compressed by xz"
)

// RecogniseBytes is how much of an input Recognise looks at.
const RecogniseBytes = 64 << 10

// ErrNeedsMap says that an input may be a log, and that Options.Map does not say where in its lines things are.
var ErrNeedsMap = errors.New("no map says where a request is in it")

// FormatError says that an input is in a format that nothing here reads.
type FormatError struct {
	// File is the input's name as it was given.
	File   string
	Format Format
}

// Error implements error.
func (e *FormatError) Error() string { return fmt.Sprintf("%s is %s", e.File, e.Format) }

// Recognise tells from an input's first bytes, unpacked and RecogniseBytes of them at most, what it is.
func Recognise(start []byte) Format {
	switch {
	case len(start) == 0:
		return Empty
	case corpus.Detect(start):
		return Corpus
	case packet.Detect(start):
		return PacketCapture
	}
	for _, known := range containers() {
		if bytes.HasPrefix(start, []byte(known.magic)) {
			return known.format
		}
	}
	if len(start) > 262 && string(start[257:262]) == "ustar" {
		return Tar
	}
	if isText(start) || goreplay.Detect(start) { // whose bodies may be anything
		return recogniseText(start)
	}
	return Unknown
}

type container struct {
	magic  string
	format Format
}

// containers are files that are told by their first bytes.
func containers() []container {
	return []container{
		{"\x7fELF", "a program (ELF)"},
		{"MZ", "a program (Windows)"},
		{"\xcf\xfa\xed\xfe", "a program (Mach-O)"},
		{"\xca\xfe\xba\xbe", "a program (Mach-O)"},
		{"PK\x03\x04", Zip},
		{"BZh", Bzip2},
		{"\xfd7zXZ\x00", XZ},
		{"7z\xbc\xaf\x27\x1c", SevenZip},
		{"SQLite format 3\x00", "a database (SQLite)"},
		{"%PDF-", "a PDF"},
	}
}

// isText says whether it is text: in UTF-8 and without control characters that none has, but for a byte here and there, as bodies and torn lines
// may hold.
func isText(start []byte) bool {
	wrong, control := 0, 0
	for rest := start; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			wrong++
		case r < '\a' || r == 0x0e || r == 0x0f:
			control++
		}
		rest = rest[n:]
	}
	const ( // one byte in so many
		mostWrong   = 16
		mostControl = 256
	)
	return wrong <= len(start)/mostWrong+utf8.UTFMax && control <= len(start)/mostControl
}

// recogniseText tells kinds of text apart.
func recogniseText(start []byte) Format {
	text := string(logs.SkipComments(start))
	if text == "" { // comments alone are text
		text = strings.TrimLeft(strings.TrimPrefix(string(start), "\ufeff"), " \t\r\n")
	}
	_, rest, _ := strings.Cut(text, "\n")
	lower := strings.ToLower(text[:min(len(text), 4096)])
	switch {
	case text == "":
		return WhiteSpace
	case strings.HasPrefix(lower, "<!doctype html") || strings.HasPrefix(lower, "<html"):
		if strings.Contains(lower, "reprise") {
			return Report
		}
		return HTML
	case strings.HasPrefix(lower, "<?xml") || strings.HasPrefix(lower, "<testsuite"):
		return XML
	case har.Detect(start):
		return HAR
	case logs.Printed(start):
		return PrintedCorpus
	case !goreplay.Detect(start) && traceFormat(start) != "":
		return traceFormat(start)
	case strings.HasPrefix(text, "{") && strings.HasPrefix(rest, "{"):
		return JSONLines
	case strings.HasPrefix(text, "{") && strings.TrimSpace(rest) == "", logs.FormatOf([]byte(text)) == logs.InputJSON:
		return JSONDocument
	case goreplay.Detect(start):
		return GoReplay
	}
	switch logs.FormatOf([]byte(text)) {
	case logs.InputCSV:
		return CSV
	case logs.InputTSV:
		return TSV
	case logs.InputLogfmt:
		return Logfmt
	}
	return Text
}

// traceFormat is that of an input that tells of a request in several pieces; "" where it does not.
func traceFormat(start []byte) Format {
	name, ok := traces.Detect(start)
	if !ok {
		return ""
	}
	return map[string]Format{traces.Rails: RailsLog, traces.APIGateway: GatewayLog, traces.EnvoyTap: TapTraces}[name]
}

// The names of formats for Options.As, beside those of package traces and those of the presets of logs.
const (
	AsPackets  = "pcap"
	AsLogs     = "logs"
	AsHAR      = "har"
	AsGoReplay = "goreplay"
)

// Names are what Options.As may be: formats, and logs whose map is known.
func Names() []string {
	names := slices.Concat([]string{AsPackets, AsLogs, AsHAR, AsGoReplay}, traces.Formats(), logs.Presets())
	for _, e := range knownExports(all.Table()) {
		names = append(names, e.Name)
	}
	return append(names, messages.Name)
}

// opener is what makes a source of each input.
func (o *Options) opener() (Opener, error) {
	if o.Open != nil {
		return o.Open, nil
	}
	if o.As == "" {
		return o.byContent, nil
	}
	if m, ok := logs.Preset(o.As); ok {
		if o.Map != nil {
			return nil, &OptionError{"Map", fmt.Errorf("the map of %s is known: either that or another map, which may be over it", o.As)}
		}
		if m.Wraps() {
			return nil, &OptionError{"Map", fmt.Errorf("%s says how lines are wrapped, and no map says where a request is in them", o.As)}
		}
		return o.readLogs(m), nil
	}
	if o.Messages != nil && o.As != messages.Name {
		return nil, &OptionError{"Messages", fmt.Errorf("a map of messages is for a table of them, and %s is asked for", o.As)}
	}
	if o.Map != nil && o.As != AsLogs {
		return nil, &OptionError{"Map", fmt.Errorf("a map is for logs, and %s is asked for", o.As)}
	}
	switch o.As {
	case AsPackets:
		return o.readPackets, nil
	case AsHAR:
		return readHAR, nil
	case AsGoReplay:
		return readGoReplay, nil
	case traces.Rails, traces.APIGateway, traces.EnvoyTap:
		return readTraces(o.As), nil
	case AsLogs:
		if o.Map == nil {
			return nil, &OptionError{"Map", ErrNeedsMap}
		}
		return o.readLogs(*o.Map), nil
	}
	if e, err := o.exportNamed(o.As); err != nil || e.Export != nil {
		return o.readExport(e), err
	}
	return nil, &OptionError{"As", fmt.Errorf("no format is called %q; known are %s", o.As, strings.Join(Names(), " "))}
}

func (o *Options) readPackets(file string, in io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error) {
	return packet.New(in, packet.Options{File: file, Ports: o.Ports, Account: account, OnServer: onServer}), nil
}

func readHAR(file string, in io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error) {
	return har.New(in, har.Options{File: file, Account: account, OnServer: onServer}), nil
}

func readGoReplay(file string, in io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error) {
	return goreplay.New(in, goreplay.Options{File: file, Account: account, OnServer: onServer}), nil
}

func readTraces(format string) Opener {
	return func(file string, in io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error) {
		return traces.New(in, format, traces.Options{File: file, Account: account, OnServer: onServer})
	}
}

func (o *Options) readPreset(name string) Opener {
	m, _ := logs.Preset(name)
	return o.readLogs(m)
}

func (o *Options) readLogs(m logs.Map) Opener {
	if o.counted {
		m.NoBody = logs.NoBodyKeep
	}
	return func(file string, in io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error) {
		if m.HostsUnknown {
			onServer(corpus.EveryHost)
		}
		return logs.New(in, logs.Options{File: file, Map: m, Vendors: o.vendors(), Account: account})
	}
}

// byContent is the Opener that looks at the first bytes of an input. A pipe is not waited for beyond those that tell a format.
func (o *Options) byContent(file string, in io.Reader, account *capture.Account, onServer func(string)) (capture.Source, error) {
	content := bufio.NewReaderSize(in, RecogniseBytes)
	start, err := o.firstBytes(file, content)
	if err != nil {
		return nil, err
	}
	open, f, as, err := o.tell(file, start)
	if err != nil {
		return nil, err
	}
	if o.Recognised != nil {
		o.Recognised(file, f, as)
	}
	return open(file, content, account, onServer)
}

// firstBytes are as many as tell what an input is. A pipe is not waited for beyond those.
func (o *Options) firstBytes(file string, content *bufio.Reader) ([]byte, error) {
	if _, err := content.Peek(packet.DetectLen); content.Buffered() == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if mayPause(file) {
		o.awaitFormat(file, content)
	} else {
		_, _ = content.Peek(RecogniseBytes) // what ends it comes again
	}
	start, _ := content.Peek(content.Buffered())
	return start, nil
}

// awaitFormat waits until a pipe's format is told, by its first bytes or by whole lines, in whatever pieces they come. What manyLines do not
// tell, more do not. A log without bodies may be one whose first requests have none, until as many have come.
func (o *Options) awaitFormat(file string, content *bufio.Reader) {
	const manyLines, fewBytes = 100, 512 // the latter of what is no text
	rows.Await(content, func(start []byte) bool {
		switch f := Recognise(start); {
		case f == PacketCapture, f == Corpus, f == Unknown && len(start) >= fewBytes:
			return true
		case f == Unknown, !logs.Begun(start):
			return false
		}
		if bytes.Count(logs.SkipComments(start), []byte{'\n'}) >= manyLines {
			return true
		}
		_, _, as, err := o.tell(file, start)
		m, preset := logs.Preset(as)
		return err == nil && (!preset || m.Bodies())
	})
}

// mayPause says whether an input may be one that comes bit by bit, such as a pipe.
func mayPause(file string) bool {
	if file == "-" {
		return true
	}
	info, err := os.Stat(file)
	return err == nil && !info.Mode().IsRegular()
}

// tell says by an input's first bytes what it is, how it is read, and the value of As that says so.
func (o *Options) tell(file string, start []byte) (open Opener, f Format, as string, err error) {
	f = Recognise(start)
	if o.Map == nil {
		e, ok, err := o.detectExport(f, start)
		if err != nil {
			return nil, f, "", err
		}
		if ok {
			return o.readExport(e), exportFormat(e), e.Name, nil
		}
	}
	switch f {
	case PacketCapture:
		return o.readPackets, f, AsPackets, nil
	case HAR:
		return readHAR, f, AsHAR, nil
	case GoReplay:
		return readGoReplay, f, AsGoReplay, nil
	case Corpus:
		if o.counted {
			return readCorpus, f, "", nil
		}
	}
	return o.log(file, f, start)
}

// Told says by an input's first bytes, as Recognise has them, what it is and the value of Options.As that reads it, where Files reads it without
// being told more.
func Told(start []byte) (f Format, as string, ok bool) {
	_, f, as, err := new(Options).tell("", start)
	return f, as, err == nil
}

// log is how a log is read whose first bytes were recognised as f: by the map of the options, or by what its content tells. An error says that it
// is no log, or that nothing says where things are in it.
func (o *Options) log(file string, f Format, start []byte) (open Opener, is Format, as string, err error) {
	switch f {
	case PrintedCorpus:
		return o.readPreset(logs.PresetCat), f, logs.PresetCat, nil
	case RailsLog, GatewayLog, TapTraces, CSV, TSV, Logfmt, Text:
		is = f
	case JSONLines:
		is = f
	case JSONDocument:
		text := bytes.TrimSpace(logs.SkipComments(start))
		if is = JSONObjects; bytes.HasPrefix(text, []byte{'{'}) && bytes.IndexByte(text, '\n') < 0 {
			is = JSONLines // of one line
		}
	default:
		return nil, f, "", &FormatError{file, f}
	}
	if o.Map != nil {
		return o.readLogs(*o.Map), is, AsLogs, nil
	}
	if format, ok := traces.Detect(start); ok {
		return readTraces(format), is, format, nil
	}
	preset, ok := logs.PresetOf(start)
	if !ok {
		preset, ok = logs.PresetWithin(start)
	}
	wrap, wrapped := logs.WrapOf(start)
	switch {
	case ok && f == Text:
		is = TextLines
	case ok:
	case wrapped:
		return nil, f, "", fmt.Errorf("%s holds an application's lines within those of %s, and %w", file, wrap, ErrNeedsMap)
	case f == Text:
		return nil, f, "", &FormatError{file, f}
	default:
		return nil, f, "", fmt.Errorf("%s is %s, and %w", file, f, ErrNeedsMap)
	}
	return o.readPreset(preset), is, preset, nil
}

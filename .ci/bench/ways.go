package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measureWays captures one recording in seven ways and compares the corpora: the same messages must be in each, and their offsets must be
// within what the way can know.
func measureWays(ctx context.Context, b *bench) error {
	recording := choose(os.Getenv("RECORDING") == "", filepath.Join(b.root, "cmd", "internal", "demo", "recording.pcap.gz"), os.Getenv("RECORDING"))
	packets, err := readPcap(recording)
	if err != nil {
		return err
	}
	plain := b.path("plain.pcap")
	if err := writePcap(plain, packets); err != nil {
		return err
	}
	base := b.path("pcap.rpz")
	if err := b.must(ctx, b.reprise, "capture", plain, "-o", base, "--quiet"); err != nil {
		return err
	}
	want, err := b.messages(ctx, base)
	if err != nil {
		return err
	}
	b.title("One recording, seven ways", fmt.Sprintf("%d requests of %s. A message is its vendor, kind, id, sender, recipient and text.", len(want), filepath.Base(recording)))
	fmt.Fprint(b.out, "| way | records | messages as in the pcap | bodies the same bytes | offset differs by at most |\n|---|---|---|---|---|\n")
	var failed error
	for _, w := range []way{
		{"pcap", time.Microsecond, false, func(context.Context, *bench, []packetOf, string) (string, error) { return base, nil }},
		{"rotated into 30 files, in any order of names", time.Microsecond, false, rotated},
		{"VXLAN in GENEVE", time.Microsecond, false, inTunnels},
		{"proxy", time.Second, true, throughProxy},
		{"log of nginx", time.Second, false, asNginxLog},
		{"parsed payloads in an envelope", time.Millisecond, false, asEnvelope},
		{"recording of GoReplay", time.Microsecond, false, asGoReplay},
	} {
		b.say("%s", w.name)
		waited := standstills()
		file, err := w.make(ctx, b, packets, base)
		held := waited()
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if w.played {
			w.within += held
		}
		got, err := b.messages(ctx, file)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		same, bodies, apart := agree(want, got)
		fmt.Fprintf(b.out, "| %s | %d | %d | %d | %v |\n", w.name, len(got), same, bodies, apart)
		if len(got) != len(want) || same != len(want) || apart > w.within {
			failed = errors.Join(failed, fmt.Errorf("%s: %d of %d messages, in %d records, %v apart (at most %v)", w.name, same, len(want), len(got), apart, w.within))
		}
	}
	return failed
}

// way makes a corpus of the recording's packets, or of the corpus that the packets gave.
type way struct {
	name   string
	within time.Duration // how far offsets may be apart
	played bool          // the messages are sent again, later by as much as this machine stands still
	make   func(ctx context.Context, b *bench, packets []packetOf, base string) (string, error)
}

// standstills watches this machine until done is called, which returns for how long it kept this program waiting in all: each time for
// longer than a busy machine does.
func standstills() (done func() time.Duration) {
	const tick, busy = 5 * time.Millisecond, 50 * time.Millisecond
	stop, all := make(chan struct{}), make(chan time.Duration)
	go func() {
		t := time.NewTicker(tick)
		defer t.Stop()
		var sum time.Duration
		look := func(last, now time.Time) {
			if waited := now.Sub(last) - tick; waited > busy {
				sum += waited
			}
		}
		for last := time.Now(); ; {
			select {
			case <-t.C:
			case <-stop:
				look(last, time.Now())
				all <- sum
				return
			}
			now := time.Now()
			look(last, now)
			last = now
		}
	}()
	return func() time.Duration { close(stop); return <-all }
}

// message is a record, as ways are compared by it.
type message struct {
	recorded
	Kind    string          `json:"kind"`
	Vendor  string          `json:"vendor"`
	Message json.RawMessage `json:"message"`
	Time    time.Time       `json:"time"`
	Host    string          `json:"host"`
	Answer  struct {
		Status  int   `json:"status"`
		Latency int64 `json:"latency_ns"`
	} `json:"response"`
}

func (m *message) key() string { return m.Vendor + " " + m.Kind + " " + string(m.Message) }

func (b *bench) messages(ctx context.Context, corpus string) (all []message, err error) {
	err = b.rows(ctx, func(line []byte) error {
		var m message
		all = append(all, m)
		return json.Unmarshal(line, &all[len(all)-1])
	}, corpus)
	return all, err
}

// agree counts the messages of want that are in got, and those of them whose body is the same, and says how far their offsets are apart.
func agree(want, got []message) (same, bodies int, apart time.Duration) {
	byKey := make(map[string][]*message, len(got))
	for i := range got {
		k := got[i].key()
		byKey[k] = append(byKey[k], &got[i])
	}
	for i := range want {
		w := &want[i]
		list := byKey[w.key()]
		if len(list) == 0 {
			continue
		}
		g := list[0]
		byKey[w.key()] = list[1:]
		same++
		if bytes.Equal(w.body(), g.body()) {
			bodies++
		}
		apart = max(apart, time.Duration(max(w.Offset-g.Offset, g.Offset-w.Offset)))
	}
	return same, bodies, apart
}

func rotated(ctx context.Context, b *bench, packets []packetOf, _ string) (string, error) {
	const files = 30
	var names []string
	first, last := packets[0].at(), packets[len(packets)-1].at()
	span := last.Sub(first)/files + 1
	for i := range files {
		from := slices.IndexFunc(packets, func(p packetOf) bool { return p.at().Sub(first) >= time.Duration(i)*span })
		to := slices.IndexFunc(packets, func(p packetOf) bool { return p.at().Sub(first) >= time.Duration(i+1)*span })
		if to < 0 {
			to = len(packets)
		}
		if from < 0 || from >= to {
			continue
		}
		name := b.path(fmt.Sprintf("part-%02d.pcap", (i*7+3)%files)) // names in another order than times
		if err := writePcap(name, packets[from:to]); err != nil {
			return "", err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	out := b.path("rotated.rpz")
	return out, b.must(ctx, append([]string{b.reprise, "capture", "-o", out, "--quiet"}, names...)...)
}

func inTunnels(ctx context.Context, b *bench, packets []packetOf, _ string) (string, error) {
	wrapped := make([]packetOf, len(packets))
	for i, p := range packets {
		vxlan := append([]byte{8, 0, 0, 0, 0, 0x12, 0x34, 0}, p.frame...)
		geneve := append([]byte{0, 0, 0x65, 0x58, 0, 0, 1, 0}, ethernetOf(udpOf(4789, vxlan))...)
		wrapped[i] = packetOf{p.stamp, ethernetOf(udpOf(6081, geneve))}
	}
	in, out := b.path("tunnels.pcap"), b.path("tunnels.rpz")
	return out, errors.Join(writePcap(in, wrapped), b.must(ctx, b.reprise, "capture", in, "-o", out, "--quiet"))
}

// throughProxy plays the corpus through a recording proxy.
func throughProxy(ctx context.Context, b *bench, _ []packetOf, base string) (string, error) {
	sink, sinkAddr, err := b.serve(ctx, "sink", "--listen", "127.0.0.1:0", "--quiet")
	if err != nil {
		return "", err
	}
	defer sink.stop()
	out := b.path("proxy.rpz")
	proxy, addr, err := b.serve(ctx, "capture", "proxy", "--listen", "127.0.0.1:0", "--upstream", "http://"+sinkAddr, "-o", out)
	if err != nil {
		return "", err
	}
	err = b.must(ctx, b.reprise, "replay", base, "--target", "http://"+addr, "--allow-raw", "--keep-ids", "--header", "Reprise-Run:", "--header", "Reprise-Record:", "--progress", "none")
	return out, errors.Join(err, proxy.stop())
}

// asNginxLog writes the requests as nginx logs them, at their ends, or takes the log that was recorded beside the packets.
func asNginxLog(ctx context.Context, b *bench, _ []packetOf, base string) (string, error) {
	out := b.path("nginx.rpz")
	log := os.Getenv("NGINX_LOG")
	if log == "" {
		all, err := b.messages(ctx, base)
		if err != nil {
			return "", err
		}
		log = b.path("access.ndjson")
		err = writeLines(log, all, func(m *message) any {
			return map[string]any{
				"ts": fmt.Sprintf("%.3f", float64(m.Time.UnixNano()+m.Answer.Latency)/1e9), "request_time": float64(m.Answer.Latency) / 1e9, "status": m.Answer.Status,
				"method": m.Method, "uri": m.URL, "host": m.Host, "content_type": m.header("Content-Type"), "user_agent": m.header("User-Agent"), "body": string(m.body()),
			}
		})
		if err != nil {
			return "", err
		}
	}
	return out, b.must(ctx, b.reprise, "capture", log, "--as", "nginx", "-o", out, "--quiet")
}

func (m *message) header(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

// envelopeMap reads what asEnvelope writes; the encoding is added.
const envelopeMap = `unwrap: [/message]
time: /timestamp
method: /method
url: /path
host: /host
headers:
  Content-Type: /type
  User-Agent: /agent
body: /payload
body_encoding: `

// asEnvelope writes the payloads as an application logs them that has parsed them: as objects, in a JSON text, in the line of a log shipper.
func asEnvelope(ctx context.Context, b *bench, _ []packetOf, base string) (string, error) {
	all, err := b.messages(ctx, base)
	if err != nil {
		return "", err
	}
	argv := []string{b.reprise, "merge", "-o", b.path("envelope.rpz")}
	for _, encoding := range []string{"form", "json"} {
		some := slices.DeleteFunc(slices.Clone(all), func(m message) bool {
			return strings.Contains(m.header("Content-Type"), "json") != (encoding == "json")
		})
		if len(some) == 0 {
			continue
		}
		log, fields, corpus := b.path(encoding+".ndjson"), b.path(encoding+".yaml"), b.path(encoding+".rpz")
		err := writeLines(log, some, func(m *message) any {
			inner := asWritten(map[string]any{
				"method": m.Method, "path": m.URL, "host": m.Host, "type": m.header("Content-Type"), "agent": m.header("User-Agent"), "payload": parsed(m, encoding == "json"),
			})
			return map[string]any{"timestamp": m.Time.UnixMilli(), "logGroup": "/aws/ecs/webhooks", "message": inner}
		})
		err = errors.Join(err, os.WriteFile(fields, []byte(envelopeMap+encoding+"\n"), 0o600))
		if err := errors.Join(err, b.must(ctx, b.reprise, "capture", log, "--map", fields, "-o", corpus, "--quiet")); err != nil {
			return "", err
		}
		argv = append(argv, corpus)
	}
	return b.path("envelope.rpz"), b.must(ctx, argv...)
}

// asWritten is a value as JSON, with no character escaped that need not be.
func asWritten(value any) string {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(value) // texts and numbers alone
	return strings.TrimSuffix(text.String(), "\n")
}

// parsed is a payload as a framework hands it to an application, its fields in the order of the body.
func parsed(m *message, isJSON bool) json.RawMessage {
	if isJSON {
		return m.body()
	}
	var text bytes.Buffer
	text.WriteByte('{')
	for i, pair := range strings.Split(string(m.body()), "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		value, _ = url.QueryUnescape(value)
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(asWritten(name) + ":" + asWritten(value))
	}
	text.WriteByte('}')
	return text.Bytes()
}

func asGoReplay(ctx context.Context, b *bench, _ []packetOf, base string) (string, error) {
	in, out := b.path("ways.gor"), b.path("gor.rpz")
	all, err := b.messages(ctx, base)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	w := bufio.NewWriter(&text)
	for i := range all {
		writeGor(w, i+1, &all[i].recorded)
	}
	if err := errors.Join(w.Flush(), os.WriteFile(in, text.Bytes(), 0o600)); err != nil {
		return "", err
	}
	return out, b.must(ctx, b.reprise, "capture", in, "-o", out, "--quiet")
}

func writeLines(name string, all []message, line func(*message) any) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range all {
		err = errors.Join(err, enc.Encode(line(&all[i])))
	}
	return errors.Join(err, w.Flush(), f.Close())
}

// verb is one of reprise that runs until it is stopped.
type verb struct{ cmd *exec.Cmd }

// serve starts a verb whose first line of output is the address at which it listens.
func (b *bench) serve(ctx context.Context, args ...string) (verb, string, error) {
	cmd := exec.CommandContext(ctx, b.reprise, args...)
	cmd.Stderr = b.progress
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return verb{}, "", err
	}
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	if err != nil {
		return verb{}, "", errors.Join(fmt.Errorf("%s: it said no address: %w", strings.Join(args[:2], " "), err), cmd.Process.Kill(), cmd.Wait())
	}
	go io.Copy(io.Discard, r) //nolint:errcheck // what it says is of no interest
	fields := strings.Fields(line)
	addr := fields[len(fields)-1]
	return verb{cmd}, strings.TrimPrefix(addr, "http://"), nil
}

// stop ends it in order.
func (s verb) stop() error { return errors.Join(s.cmd.Process.Signal(os.Interrupt), s.cmd.Wait()) }

// packetOf is one packet of a capture: the four numbers of its record's header as they stand, and the frame.
type packetOf struct {
	stamp [2]uint32 // seconds and microseconds
	frame []byte
}

func (p packetOf) at() time.Time { return time.Unix(int64(p.stamp[0]), int64(p.stamp[1])*1000) }

// pcapHead is the header of a capture of Ethernet with microseconds, in little-endian.
func pcapHead() []byte {
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	return append(head, 0, 0, 4, 0, 1, 0, 0, 0)
}

// readPcap reads a capture of that form, gzip or not.
func readPcap(name string) (all []packetOf, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := io.Reader(bufio.NewReader(f))
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	want := pcapHead()
	if len(text) < len(want) || !bytes.Equal(text[:4], want[:4]) || text[20] != 1 {
		return nil, fmt.Errorf("%s: want a pcap of Ethernet with microseconds, in little-endian", name)
	}
	for text = text[len(want):]; len(text) >= 16; {
		n := binary.LittleEndian.Uint32(text[8:])
		if int(n) > len(text)-16 {
			break
		}
		stamp := [2]uint32{binary.LittleEndian.Uint32(text), binary.LittleEndian.Uint32(text[4:])}
		all = append(all, packetOf{stamp, text[16 : 16+n]})
		text = text[16+n:]
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no packet", name)
	}
	return all, nil
}

func writePcap(name string, packets []packetOf) error {
	text := pcapHead()
	for _, p := range packets {
		n := uint32(len(p.frame))
		for _, v := range [...]uint32{p.stamp[0], p.stamp[1], n, n} {
			text = binary.LittleEndian.AppendUint32(text, v)
		}
		text = append(text, p.frame...)
	}
	return os.WriteFile(name, text, 0o600)
}

// udpOf wraps in UDP and IPv4, without checksums.
func udpOf(port uint16, b []byte) []byte {
	udp := binary.BigEndian.AppendUint16(nil, 54321)
	udp = binary.BigEndian.AppendUint16(udp, port)
	udp = binary.BigEndian.AppendUint16(udp, uint16(8+len(b)))
	udp = append(udp, 0, 0)
	ip := []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(udp)+len(b)))
	return append(append(ip, udp...), b...)
}

func ethernetOf(ip []byte) []byte {
	return append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}, ip...)
}

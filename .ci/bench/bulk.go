package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bulkToken signs what is played of an export.
const bulkToken = "a token that only this measurement has"

// measureBulk makes a bulk export of a recording's messages, as a vendor gives it out that knows seconds and no requests, and says how well what reprise rebuilds
// of it matches the recording: in the corpus, and at a receiver at twice the speed.
func measureBulk(ctx context.Context, b *bench) error {
	recording := choose(os.Getenv("RECORDING") == "", filepath.Join(b.root, "cmd", "internal", "demo", "recording.pcap.gz"), os.Getenv("RECORDING"))
	base, rebuilt := b.path("recorded.rpz"), b.path("rebuilt.rpz")
	if err := b.must(ctx, b.reprise, "capture", recording, "-o", base, "--quiet"); err != nil {
		return err
	}
	want, err := b.messages(ctx, base)
	if err != nil {
		return err
	}
	want = slices.DeleteFunc(want, func(m message) bool { return len(m.Message) == 0 || m.Kind == "status" })
	day := b.path(want[0].Time.UTC().Format(time.DateOnly) + ".json.gz")
	if err := writeBulk(day, want); err != nil {
		return err
	}
	if err := b.must(ctx, b.reprise, "capture", day, "-o", rebuilt, "--quiet"); err != nil {
		return err
	}
	got, err := b.messages(ctx, rebuilt)
	if err != nil {
		return err
	}
	b.title("A recording and a bulk export of its messages", fmt.Sprintf("%d messages of %s in %.0f s; the export has them out of order, to the second. Both are anonymized with one key and played at twice the speed.",
		len(want), filepath.Base(recording), want[len(want)-1].Time.Sub(want[0].Time).Seconds()))
	t := table{head: []string{"what", "recorded", "rebuilt", "apart"}}
	failed := b.sameSeconds(&t, want, got)
	plays, err := b.playBoth(ctx, base, rebuilt)
	if err != nil {
		return err
	}
	failed = errors.Join(failed, plays.compare(&t))
	fmt.Fprint(b.out, t.String())
	return failed
}

// writeBulk writes an export: gzip, an object a line, times of whole seconds, rows in any order.
func writeBulk(name string, all []message) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(f)
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	r := rand.New(rand.NewPCG(1, 2))
	for _, i := range r.Perm(len(all)) {
		m := &all[i]
		var sms struct{ ID, From, To, Text string }
		if err := json.Unmarshal(m.Message, &sms); err != nil {
			return err
		}
		fields, _ := url.ParseQuery(string(m.body()))
		field := func(name, otherwise string) string {
			return choose(fields.Get(name) == "", otherwise, fields.Get(name))
		}
		stamp := m.Time.UTC().Truncate(time.Second).Format(time.RFC3339)
		h := fnv.New128a()
		_, _ = io.WriteString(h, sms.ID)
		err = errors.Join(err, enc.Encode(map[string]any{
			"account_sid": field("AccountSid", "AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"), "messaging_service_sid": choose[any](fields.Get("MessagingServiceSid") == "", nil, fields.Get("MessagingServiceSid")),
			"sid": field("MessageSid", fmt.Sprintf("SM%x", h.Sum(nil))), "from": plus(sms.From), "to": plus(sms.To), "body": sms.Text, "num_segments": field("NumSegments", "1"), "num_media": "0",
			"direction": "inbound", "status": "received", "error_code": nil, "price": nil, "date_created": stamp, "date_sent": stamp, "date_updated": stamp,
		}))
	}
	return errors.Join(err, z.Close(), f.Close())
}

// plus writes a number as Twilio does; a short code stays.
func plus(number string) string {
	const shortCode = 6
	if len(number) > shortCode && number[0] != '+' {
		return "+" + number
	}
	return number
}

// sameSeconds compares two corpora: the messages, and how many there are in each second, which must be the same.
func (b *bench) sameSeconds(t *table, want, got []message) (failed error) {
	texts := func(all []message) map[string]int {
		n := make(map[string]int)
		for i := range all {
			var sms struct{ From, To, Text string }
			_ = json.Unmarshal(all[i].Message, &sms)
			n[fmt.Sprintf("%s %s %s %d", plus(sms.From), plus(sms.To), sms.Text, all[i].Time.Unix())]++
		}
		return n
	}
	a, c := texts(want), texts(got)
	apart := 0
	for key, n := range a {
		apart += max(0, n-c[key])
	}
	t.add("messages", fmt.Sprint(len(want)), fmt.Sprint(len(got)), fmt.Sprintf("%d of another number, text or second", apart))
	if len(want) != len(got) || apart > 0 {
		failed = fmt.Errorf("%d messages of %d, %d apart", len(got), len(want), apart)
	}
	times := func(all []message) (at []time.Duration) {
		for i := range all {
			at = append(at, all[i].Time.Sub(want[0].Time.Truncate(time.Second)))
		}
		return at
	}
	_, differ, _ := seconds(times(want), times(got))
	t.add("seconds of another count, in the corpus", "", "", fmt.Sprint(differ))
	if differ > 0 {
		failed = errors.Join(failed, fmt.Errorf("%d seconds have another count", differ))
	}
	d, p := kolmogorov(gaps(times(want)), gaps(times(got)))
	t.add("gaps in the corpus (Kolmogorov–Smirnov)", "", "", fmt.Sprintf("D = %.4f, p = %.3f", d, p))
	return failed
}

// seconds counts how many moments each second has, the seconds that differ, and by how many at most.
func seconds(a, b []time.Duration) (all, differ, most int) {
	n := make(map[int64]int)
	for _, t := range a {
		n[int64(t/time.Second)]++
	}
	for _, t := range b {
		n[int64(t/time.Second)]--
	}
	for _, by := range n {
		if by != 0 {
			differ++
		}
		most = max(most, by, -by)
	}
	return len(n), differ, most
}

func gaps(at []time.Duration) (list []float64) {
	for i := 1; i < len(at); i++ {
		list = append(list, (at[i] - at[i-1]).Seconds())
	}
	return list
}

// kolmogorov is the two-sample Kolmogorov–Smirnov test: how far the distributions are apart at most, and how likely so much is of one distribution.
func kolmogorov(a, b []float64) (d, p float64) {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x := min(a[i], b[j])
		for i < len(a) && a[i] == x {
			i++
		}
		for j < len(b) && b[j] == x {
			j++
		}
		d = max(d, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	n := math.Sqrt(float64(len(a)) * float64(len(b)) / float64(len(a)+len(b)))
	lambda := (n + 0.12 + 0.11/n) * d
	for k := 1.0; k <= 100; k++ {
		p += 2 * math.Pow(-1, k-1) * math.Exp(-2*k*k*lambda*lambda)
	}
	return d, min(1, max(0, p))
}

// queue is the 99th percentile of the time in a queue of one server that takes the same time for each.
func queue(at []time.Duration, service time.Duration) time.Duration {
	var free time.Duration
	waits := make([]time.Duration, len(at))
	for i, t := range at {
		free = max(free, t) + service
		waits[i] = free - t
	}
	slices.Sort(waits)
	return quantile(waits, 0.99)
}

// received is a line of the sink's log.
type received struct {
	Arrival  int64       `json:"arrival_ns"`
	Method   string      `json:"method"`
	URL      string      `json:"url"`
	Headers  [][2]string `json:"headers"`
	Body     string      `json:"body"`
	Verified *bool       `json:"verified"`
}

// plays are two corpora as a receiver saw them.
type plays struct {
	recorded, rebuilt []received
	origin            [2]time.Duration     // of the first request, in its second
	senders           [2]map[string]person // by number
}

// person is what a line of fixtures senders says of one.
type person struct{ messages, opted string }

// playBoth anonymizes both corpora with one key, and plays them. What is rebuilt is signed.
func (b *bench) playBoth(ctx context.Context, base, rebuilt string) (*plays, error) {
	key, token := b.path("key"), b.path("token")
	if err := errors.Join(os.WriteFile(token, []byte(bulkToken), 0o600), b.must(ctx, b.reprise, "keygen", "-o", key)); err != nil {
		return nil, err
	}
	p := new(plays)
	for i, raw := range []string{base, rebuilt} {
		safe, log, list := fmt.Sprintf("%s.safe.rpz", raw), raw+".log", raw+".csv"
		if err := b.must(ctx, b.reprise, "anonymize", raw, "-o", safe, "--key-file", key, "--ledger", b.path("ledger")); err != nil {
			return nil, err
		}
		if err := b.must(ctx, b.reprise, "fixtures", "senders", safe, "-o", list); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(list)
		if err != nil {
			return nil, err
		}
		p.senders[i] = make(map[string]person)
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(line, ",") // number, messages, opted_in, and what differs by less than a second
			p.senders[i][cells[0]] = person{cells[1], cells[2]}
		}
		delete(p.senders[i], "number") // the heading
		all, err := b.messages(ctx, safe)
		if err != nil {
			return nil, err
		}
		p.origin[i] = all[0].Time.Sub(all[0].Time.Truncate(time.Second))
		sinkArgs := []string{"sink", "--listen", "127.0.0.1:0", "--quiet", "--log", log}
		replayArgs := []string{b.reprise, "replay", safe, "--time-scale", "2", "--progress", "none", "--quiet"}
		if i == 1 {
			sinkArgs, replayArgs = append(sinkArgs, "--verify", "twilio=@"+token), append(replayArgs, "--sign", "twilio=@"+token)
		}
		b.say("playing %s at twice the speed", filepath.Base(safe))
		sink, addr, err := b.serve(ctx, sinkArgs...)
		if err != nil {
			return nil, err
		}
		err = b.must(ctx, append(replayArgs, "--target", "http://"+addr)...)
		if err = errors.Join(err, sink.stop()); err != nil {
			return nil, err
		}
		lines, err := readLog(log)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			p.recorded = lines
		} else {
			p.rebuilt = lines
		}
	}
	return p, nil
}

func readLog(name string) (all []received, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var r received
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, s.Err()
}

// compare fills the table with what the receiver saw.
func (p *plays) compare(t *table) (failed error) {
	verified := 0
	for i := range p.rebuilt {
		if v := p.rebuilt[i].Verified; v != nil && *v {
			verified++
		}
	}
	t.add("requests at the receiver", fmt.Sprint(len(p.recorded)), fmt.Sprint(len(p.rebuilt)), fmt.Sprintf("%d of the rebuilt have a good signature", verified))
	if verified != len(p.rebuilt) || len(p.rebuilt) == 0 {
		failed = fmt.Errorf("%d of %d signatures are good", verified, len(p.rebuilt))
	}
	// Whether someone is opted in depends on the first message, and of two in one second nobody knows which was.
	same, opted := 0, 0
	for number, line := range p.senders[0] {
		if other, ok := p.senders[1][number]; ok && line.messages == other.messages {
			same++
			if line.opted == other.opted {
				opted++
			}
		}
	}
	t.add("people, by fixtures senders", fmt.Sprint(len(p.senders[0])), fmt.Sprint(len(p.senders[1])), fmt.Sprintf("%d with the same count of messages, %d of them opted in or out alike", same, opted))
	if same != len(p.senders[0]) || same != len(p.senders[1]) || float64(opted) < 0.99*float64(same) {
		failed = errors.Join(failed, fmt.Errorf("the senders are %d, %d of them the same", len(p.senders[1]), opted))
	}
	p.compareBytes(t)
	times := func(all []received, origin time.Duration) (at []time.Duration) {
		for i := range all {
			at = append(at, 2*time.Duration(all[i].Arrival-all[0].Arrival)+origin)
		}
		slices.Sort(at)
		return at
	}
	a, c := times(p.recorded, p.origin[0]), times(p.rebuilt, p.origin[1])
	all, differ, most := seconds(a, c)
	t.add("seconds of another count, at the receiver", fmt.Sprint(all), "", fmt.Sprintf("%d, by %d at most", differ, most))
	d, pValue := kolmogorov(gaps(a), gaps(c))
	t.add("gaps at the receiver (Kolmogorov–Smirnov)", fmt.Sprintf("median %.1f ms", 1e3*median(gaps(a))), fmt.Sprintf("median %.1f ms", 1e3*median(gaps(c))), fmt.Sprintf("D = %.4f, p = %.3f", d, pValue))
	mean := (a[len(a)-1] - a[0]) / time.Duration(len(a))
	for _, load := range []float64{0.3, 0.5, 0.7, 0.9} {
		service := time.Duration(load * float64(mean))
		x, y := queue(a, service), queue(c, service)
		t.add(fmt.Sprintf("p99 behind one server of %.1f ms (busy %.0f %%)", service.Seconds()*1e3, 100*load), fmt.Sprintf("%.1f ms", x.Seconds()*1e3), fmt.Sprintf("%.1f ms", y.Seconds()*1e3),
			fmt.Sprintf("%+.1f %%", 100*(float64(y)/float64(x)-1)))
	}
	return failed
}

// compareBytes compares the requests of the vendor that the export is of.
func (p *plays) compareBytes(t *table) {
	look := func(all []received) (body, whole []float64, order string) {
		orders := make(map[string]int)
		for i := range all {
			r := &all[i]
			if !strings.Contains(r.Body, "SmsMessageSid=") {
				continue
			}
			head := len(r.Method) + len(r.URL) + len("  HTTP/1.1\r\n\r\n")
			var names []string
			for _, h := range r.Headers {
				if strings.HasPrefix(h[0], "Reprise-") {
					continue
				}
				head += len(h[0]) + len(h[1]) + len(": \r\n")
				names = append(names, h[0])
			}
			orders[strings.Join(names, ", ")]++
			body = append(body, float64(len(r.Body)))
			whole = append(whole, float64(head+len(r.Body)))
		}
		for o, n := range orders {
			if n > orders[order] || n == orders[order] && o < order {
				order = o
			}
		}
		return body, whole, fmt.Sprintf("%s (%d of %d)", order, orders[order], len(body))
	}
	bodyA, wholeA, orderA := look(p.recorded)
	bodyC, wholeC, orderC := look(p.rebuilt)
	for _, row := range []struct {
		what string
		a, c []float64
	}{{"bytes of a body, of the export's vendor", bodyA, bodyC}, {"bytes of a request, of the export's vendor", wholeA, wholeC}} {
		t.add(row.what+": mean", fmt.Sprintf("%.0f", mean(row.a)), fmt.Sprintf("%.0f", mean(row.c)), fmt.Sprintf("%+.1f %%", 100*(mean(row.c)/mean(row.a)-1)))
		t.add(row.what+": p99", fmt.Sprintf("%.0f", quantile(slices.Sorted(slices.Values(row.a)), 0.99)), fmt.Sprintf("%.0f", quantile(slices.Sorted(slices.Values(row.c)), 0.99)), "")
	}
	t.add("headers in their order", orderA, orderC, "")
}

func mean(list []float64) (m float64) {
	for _, x := range list {
		m += x / float64(len(list))
	}
	return m
}

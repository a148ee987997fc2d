package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// distinct returns a corpus of distinct requests: the user's own, or one that fixtures synth makes.
func (b *bench) distinct(ctx context.Context) (string, error) {
	if c := os.Getenv("CORPUS"); c != "" {
		return c, nil
	}
	file := b.path("distinct.rpz")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	n := strconv.Itoa(choose(b.short, 50_000, 200_000))
	b.say("making a corpus of %s requests (CORPUS=FILE to use one)", n)
	return file, b.must(ctx, b.reprise, "fixtures", "synth", "--curve", "bfcm2022", "--messages", n, "-o", file, "--quiet")
}

// must runs a command that has to work.
func (b *bench) must(ctx context.Context, argv ...string) error {
	u, err := do(ctx, job{argv: argv, cpu: anyCPU})
	if err == nil && u.exit != 0 {
		err = fmt.Errorf("%v: %s", argv[1:3], u.complaint())
	}
	return err
}

// steady returns n moments at a constant rate, since the first.
func steady(n int, rate float64) []time.Duration {
	at := make([]time.Duration, n)
	for i := range at {
		at[i] = time.Duration(float64(i) * 1e9 / rate)
	}
	return at
}

// bursty returns moments as people make them: Poisson at 1,500/s, and every half second 60 requests 25 µs apart.
func bursty(length time.Duration, r *rand.Rand) []time.Duration {
	var at []time.Duration
	burst := 250 * time.Millisecond
	for t := time.Duration(0); t < length; t += time.Duration(r.ExpFloat64() * float64(time.Second) / 1500) {
		if t > burst {
			t = burst
			for range 60 {
				at = append(at, t)
				t += 25 * time.Microsecond
			}
			burst += 500 * time.Millisecond
		}
		at = append(at, t)
	}
	return at
}

// logMap says where corpusOf's lines have what.
const logMap = "time: /t\ntime_format: unix_ns\nmethod: /m\nurl: /u\nheaders: /h\nbody: /b\n"

// form is a message as Twilio posts it; its ids and numbers belong to nobody.
func form(n int, r *rand.Rand) string {
	sid := fmt.Sprintf("SM%016x%016x", r.Uint64(), r.Uint64())
	return "ToCountry=US&ToState=&SmsMessageSid=" + sid + "&NumMedia=0&FromZip=60614&SmsSid=" + sid +
		"&SmsStatus=received&FromCity=CHICAGO&Body=where+is+order+" + strconv.Itoa(n) + "&To=%2B18335550142&MessageSid=" + sid +
		"&AccountSid=AC0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f&From=%2B1415555" + fmt.Sprintf("%04d", r.IntN(10_000)) + "&ApiVersion=2010-04-01"
}

// corpusOf captures a corpus of invented requests at the given moments. It counts as raw: --allow-raw plays it.
func (b *bench) corpusOf(ctx context.Context, name string, at []time.Duration) (string, error) {
	file, log, fields := b.path(name+".rpz"), b.path(name+".ndjson"), b.path("map.yaml")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	b.say("making the corpus %s of %d requests", name, len(at))
	var text bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	for i, t := range at {
		body := form(i, r)
		fmt.Fprintf(&text, `{"t":%d,"m":"POST","u":"/webhooks/twilio/sms","h":[["Host","hooks.example.com"],`+
			`["Content-Type","application/x-www-form-urlencoded; charset=UTF-8"],["Content-Length","%d"],["Accept","*/*"],`+
			`["User-Agent","TwilioProxy/1.1"],["I-Twilio-Idempotency-Token","%08x-0000-4000-8000-%012x"],`+
			`["X-Twilio-Signature","Nln0wsDrrZW2MSw1d5qB0CV68wo="]],"b":"%s"}`+"\n",
			1_700_000_000_000_000_000+t.Nanoseconds(), len(body), r.Uint32(), r.Uint64()>>16, body)
	}
	if err := errors.Join(os.WriteFile(log, text.Bytes(), 0o600), os.WriteFile(fields, []byte(logMap), 0o600)); err != nil {
		return "", err
	}
	err := b.must(ctx, b.reprise, "capture", "logs", log, "--map", fields, "-o", file, "--quiet")
	return file, errors.Join(err, os.Remove(log))
}

// recorded is what a peer's file needs of a record.
type recorded struct {
	Offset  int64       `json:"offset_ns"`
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
	Base64  []byte      `json:"body_base64"`
}

func (r *recorded) body() []byte {
	if r.Base64 != nil {
		return r.Base64
	}
	return []byte(r.Body)
}

// rows calls f with each line of reprise cat.
func (b *bench) rows(ctx context.Context, f func(line []byte) error, args ...string) error {
	cmd := exec.CommandContext(ctx, b.reprise, append([]string{"cat"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s := bufio.NewScanner(out)
	s.Buffer(nil, 16<<20)
	for err == nil && s.Scan() {
		err = f(s.Bytes())
	}
	_, _ = io.Copy(io.Discard, out)
	return errors.Join(err, s.Err(), cmd.Wait())
}

// peerFiles writes a corpus as vegeta's JSON targets and as GoReplay's requests.
func (b *bench) peerFiles(ctx context.Context, corpus, target string) (vegeta, gor string, err error) {
	vegeta, gor = b.path("targets.json"), b.path("requests.gor")
	vf, err := os.Create(vegeta)
	if err != nil {
		return "", "", err
	}
	gf, err := os.Create(gor)
	if err != nil {
		return "", "", errors.Join(err, vf.Close())
	}
	vw, gw := bufio.NewWriter(vf), bufio.NewWriter(gf)
	enc := json.NewEncoder(vw)
	n := 0
	err = b.rows(ctx, func(line []byte) error {
		var r recorded
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		n++
		writeGor(gw, n, &r)
		return enc.Encode(vegetaTarget(&r, target))
	}, corpus, "--limit", strconv.Itoa(choose(b.short, 50_000, 200_000)))
	return vegeta, gor, errors.Join(err, vw.Flush(), gw.Flush(), vf.Close(), gf.Close())
}

// vegetaTarget is a record as vegeta's -format=json has it.
func vegetaTarget(r *recorded, target string) map[string]any {
	header := make(map[string][]string)
	for _, h := range r.Headers {
		if h[0] != "Host" && h[0] != "Content-Length" { // vegeta sets them itself
			header[h[0]] = append(header[h[0]], h[1])
		}
	}
	return map[string]any{"method": r.Method, "url": target + r.URL, "body": r.body(), "header": header}
}

// writeGor writes a record as GoReplay's input-file has it.
func writeGor(w *bufio.Writer, n int, r *recorded) {
	fmt.Fprintf(w, "1 %024x %d\n%s %s HTTP/1.1\r\n", n, 1_700_000_000_000_000_000+r.Offset, r.Method, r.URL)
	for _, h := range r.Headers {
		fmt.Fprintf(w, "%s: %s\r\n", h[0], h[1])
	}
	body := r.body()
	for _, h := range r.Headers {
		if strings.EqualFold(h[0], "Transfer-Encoding") { // GoReplay keeps the framing
			body = fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		}
	}
	fmt.Fprintf(w, "\r\n%s\n🐵🙈🙉\n", body)
}

package box

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/capture/sms"
	"reprise/fixtures/synth"
	"slices"
	"strings"
	"sync"
	"time"
)

// request is one of a run, as the tool is to send it.
type request struct {
	due                    time.Duration
	recorded               time.Time
	kind                   capture.Kind
	vendor, person, to, id string
	bytes, segments        int
	ucs2, media            bool
	copied, retry          bool
}

// Traffic is the recordings that draws take their requests from.
type Traffic struct {
	mu      sync.Mutex
	recipes []recipe
}

// recipe makes one recording, once.
type recipe struct {
	name string
	loop bool // it is short, and played again and again
	make func() ([]request, error)
	got  []request
}

// recordingSize is how many requests a made recording has.
const recordingSize = 24_000

// NewTraffic knows the recordings: hours of the curve bfcm2022, with and without bursts, a day's shape with receipts and retries, the corpus that
// ships as a fixture, and any further corpora.
func NewTraffic(fixture string, further ...string) *Traffic {
	t := new(Traffic)
	add := func(name string, o func() (synth.Options, error)) {
		t.recipes = append(t.recipes, recipe{name: name, make: func() ([]request, error) {
			options, err := o()
			if err != nil {
				return nil, err
			}
			g, err := synth.New(options)
			if err != nil {
				return nil, err
			}
			return readAll(g)
		}})
	}
	monday := time.Date(2022, 11, 28, 17, 0, 0, 0, time.UTC)
	friday := time.Date(2022, 11, 25, 17, 0, 0, 0, time.UTC)
	add("bfcm2022, Monday 12:00", func() (synth.Options, error) {
		return synth.Options{Curve: hours(monday, 1), Messages: recordingSize, Seed: 11}, nil
	})
	add("bfcm2022, Friday 12:00 to 14:00", func() (synth.Options, error) {
		return synth.Options{Curve: hours(friday, 2), Messages: recordingSize, Seed: 12, People: &synth.People{Newcomers: 0.15, Exponent: 0.6, OptedIn: 0.8, Recipients: 2}}, nil
	})
	add("bfcm2022, Monday, small bursts", func() (synth.Options, error) {
		return synth.Options{Curve: hours(monday, 1), Messages: recordingSize, Seed: 13, Bursts: synth.Bursts{Size: 4, Duration: 300 * time.Millisecond}}, nil
	})
	add("bfcm2022, Friday, large bursts", func() (synth.Options, error) {
		return synth.Options{Curve: hours(friday, 1), Messages: recordingSize, Seed: 14, Bursts: synth.Bursts{Size: 15, Duration: time.Second}}, nil
	})
	add("a day's shape with receipts and retries", func() (synth.Options, error) {
		curve, err := synth.Diurnal(synth.ShapeStart(), synth.Day{Mean: 0.2, Amplitude: 0.8, Peak: 20 * time.Hour, Days: 1})
		return synth.Options{
			Curve: curve, Messages: recordingSize / 2, Seed: 15, Bursts: synth.Bursts{Size: 2, Duration: 2 * time.Second},
			Receipts: synth.Receipts{Share: 0.3, Failed: 0.05}, Retries: synth.Retries{Share: 0.02},
		}, err
	})
	for _, name := range append([]string{fixture}, further...) {
		t.recipes = append(t.recipes, recipe{name: filepath.Base(name), loop: true, make: func() ([]request, error) { return readCorpus(name) }})
	}
	return t
}

// hours cuts the curve bfcm2022.
func hours(from time.Time, n int) synth.Curve {
	c := synth.BFCM2022()
	at, cut := c.Start, c
	cut.Start, cut.Buckets = from, nil
	for _, b := range c.Buckets {
		if !at.Before(from) && at.Before(from.Add(time.Duration(n)*time.Hour)) {
			cut.Buckets = append(cut.Buckets, b)
		}
		at = at.Add(b.Width)
	}
	return cut
}

func readCorpus(name string) ([]request, error) {
	r, err := corpus.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer r.Close()
	return readAll(r)
}

func readAll(src capture.Source) (list []request, err error) {
	var r capture.Record
	var start time.Time
	seen := make(map[string]bool)
	for {
		err := src.Next(context.Background(), &r)
		switch {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
		if len(list) == 0 {
			start = r.Time
		}
		size := sms.Measure(r.Message.Text)
		person := r.Message.Person
		if person == "" {
			person, _ = sms.Canonical(r.Handset())
		}
		to := r.Message.To
		if r.Kind == capture.Status {
			to = r.Message.From
		}
		id, again := strings.Clone(r.Message.ID), false
		if r.Kind != capture.Status && id != "" { // receipts have the id of their message
			again, seen[id] = seen[id], true
		}
		list = append(list, request{
			id: id, retry: again,
			due: r.Time.Sub(start), recorded: r.Time, kind: r.Kind, vendor: strings.Clone(r.Vendor), person: strings.Clone(person), to: strings.Clone(to),
			bytes: len(r.Body), segments: size.Parts, ucs2: size.Encoding == sms.UCS2,
		})
	}
}

// recording makes the nth recording when it is first asked for.
func (t *Traffic) recording(n int) (*recipe, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &t.recipes[n]
	if p.got == nil {
		var err error
		if p.got, err = p.make(); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return p, nil
}

// wish says what traffic a draw wants.
type wish struct {
	least, most     int           // requests
	shortest        time.Duration // of the run
	talk            float64       // share of messages that follow one of the same person within seconds; 0 draws a small one
	repeatSubscribe float64       // share of subscribes that are of someone who subscribed in the run before
}

// and is what two want.
func (w wish) and(o wish) wish {
	if w == (wish{}) {
		return o
	}
	return wish{max(w.least, o.least), min(w.most, o.most), max(w.shortest, o.shortest), max(w.talk, o.talk), max(w.repeatSubscribe, o.repeatSubscribe)}
}

// draw cuts a stretch of a recording, and plays it at a tempo.
func (t *Traffic) draw(r *rand.Rand, w wish) (name string, list []request, err error) {
	p, err := t.recording(r.IntN(len(t.recipes)))
	if err != nil {
		return "", nil, err
	}
	n := int(spread(r, float64(w.least), float64(w.most)))
	if p.loop {
		list = looped(p.got, n)
	} else {
		n = min(n, len(p.got))
		from := r.IntN(len(p.got) - n + 1)
		list = slices.Clone(p.got[from : from+n])
	}
	slowest, fastest := float64(n)/(40*60), float64(n)/w.shortest.Seconds()
	retime(list, spread(r, max(5, slowest), max(8, min(200, fastest))))
	talk := w.talk
	if talk == 0 {
		talk = spread(r, 0.01, 0.15)
	}
	conversations(r, list, talk)
	resubscribe(r, list, w.repeatSubscribe)
	for i := range list { // a few have an attachment
		list[i].media = list[i].bytes > 0 && r.IntN(40) == 0
	}
	return p.name, list, nil
}

// looped repeats a short recording, each time by other people and with fresh ids.
func looped(all []request, n int) []request {
	span := all[len(all)-1].due + all[len(all)-1].due/time.Duration(len(all))
	list := make([]request, 0, n)
	for loop := 0; len(list) < n; loop++ {
		for _, q := range all[:min(len(all), n-len(list))] {
			q.due += time.Duration(loop) * span
			q.id = fmt.Sprintf("%s/%d", q.id, loop)
			q.person = fmt.Sprintf("%s/%d", q.person, loop/2)
			q.copied = loop > 0
			list = append(list, q)
		}
	}
	return list
}

// retime plays a list at a mean rate: requests a second.
func retime(list []request, rate float64) {
	first, span := list[0].due, list[len(list)-1].due-list[0].due
	scale := float64(len(list)) / rate * float64(time.Second) / float64(max(span, 1))
	for i := range list {
		list[i].due = time.Duration(float64(list[i].due-first) * scale)
	}
}

// conversations gives a share of messages to someone who wrote 50 ms to 30 s before, by the same vendor.
func conversations(r *rand.Rand, list []request, share float64) {
	for i := range list {
		if r.Float64() >= share || list[i].kind == capture.Status {
			continue
		}
		back := list[i].due - spreadTime(r, 50*time.Millisecond, 30*time.Second)
		j := i - 1
		for ; j >= 0 && (list[j].due > back || list[j].vendor != list[i].vendor || list[j].kind == capture.Status); j-- {
		}
		if j >= 0 && list[i].due-list[j].due < time.Minute {
			list[i].person, list[i].to = list[j].person, list[j].to
		}
	}
}

// resubscribe gives a share of the subscribes to someone who subscribed before.
func resubscribe(r *rand.Rand, list []request, share float64) {
	var before []int
	for i := range list {
		if list[i].kind != capture.Subscribe {
			continue
		}
		if len(before) > 0 && r.Float64() < share {
			j := before[r.IntN(len(before))]
			list[i].person, list[i].to, list[i].vendor = list[j].person, list[j].to, list[j].vendor
		}
		before = append(before, i)
	}
}

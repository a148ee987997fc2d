package box

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"reprise/capture"
	"reprise/fixtures/sink"
	"reprise/replay/cause"
	"slices"
	"testing"
	"time"
)

const fixture = "../../../fixtures/testdata/mixed.rpz"

func ms(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// bare is a run of requests that come at these moments and take 10 ms each.
func bare(at ...time.Duration) *run {
	d := &run{median: ms(10)}
	for _, t := range at {
		d.requests = append(d.requests, request{due: t})
		d.lag, d.cost, d.after, d.status = append(d.lag, 0), append(d.cost, ms(10)), append(d.after, 0), append(d.status, 200)
	}
	d.at = make([]time.Duration, len(at))
	d.arrive()
	d.reset()
	return d
}

func TestSharedProcessor(t *testing.T) {
	d := bare(0, 0, ms(5))
	d.share(30.0 / 1000 / d.length().Seconds()) // one processor
	// Two share it until 5 ms, when each has had 2.5; then three, until the first two have had 10 at 27.5.
	for i, want := range []time.Duration{ms(27.5), ms(27.5), ms(25)} {
		if got := d.service[i]; got < want-ms(0.01) || got > want+ms(0.01) {
			t.Errorf("request %d takes %v, want %v", i, got, want)
		}
	}
}

func TestQueueIsFirstInFirstOut(t *testing.T) {
	d := bare(0, 0, 0, 0)
	d.queue(rand.New(rand.NewPCG(1, 1)), 2, 2, false, func(int) bool { return true })
	if d.service[0] != ms(10) || d.service[1] != ms(10) || d.service[2] <= ms(10) || d.service[3] <= d.service[2] {
		t.Errorf("two servers: %v", d.service)
	}
}

func TestStallHoldsWhatIsThereAndWhatComes(t *testing.T) {
	d := bare(0, ms(95), ms(150), ms(250))
	met := d.stall([]stretch{{ms(100), ms(200)}}, func(int) bool { return true })
	if want := []time.Duration{ms(10), ms(110), ms(60), ms(10)}; !slices.Equal(d.service, want) || !slices.Equal(met, []bool{false, true, true, false}) {
		t.Errorf("service %v, want %v; met %v", d.service, want, met)
	}
}

func TestStarvedToolSendsAndSeesLater(t *testing.T) {
	d := bare(0, ms(95), ms(150), ms(250))
	d.starve([]stretch{{ms(100), ms(200)}})
	if lag, service := []time.Duration{0, 0, ms(50), 0}, []time.Duration{ms(10), ms(105), ms(10), ms(10)}; !slices.Equal(d.lag, lag) || !slices.Equal(d.service, service) {
		t.Errorf("lag %v, service %v; want %v, %v", d.lag, d.service, lag, service)
	}
}

func TestSameSeedSameDraw(t *testing.T) {
	a, err := NewTraffic(fixture).of(plain, 3, faults()[0])
	if err != nil {
		t.Fatal(err)
	}
	traffic := NewTraffic(fixture)
	if _, err := traffic.of(plain, 4, faults()[0]); err != nil { // another one before it
		t.Fatal(err)
	}
	b, err := traffic.of(plain, 3, faults()[0])
	if err != nil {
		t.Fatal(err)
	}
	if a.about != b.about || !slices.Equal(a.run.service, b.run.service) || !reflect.DeepEqual(a.table(), b.table()) {
		t.Errorf("two draws of one seed differ: %s, %s", a.about, b.about)
	}
}

// Every draw has the effect that its strength stands for, by a count of its own.
func TestDrawsAreWhatTheySay(t *testing.T) {
	traffic := NewTraffic(fixture)
	for _, f := range faults() {
		for s := plain; s <= faint; s++ {
			d, err := traffic.of(s, 1000, f)
			if err != nil {
				t.Error(err)
				continue
			}
			p := d.parts[0]
			var hit, all []time.Duration
			for i := range d.run.requests {
				base, now := d.run.lag[i]+d.run.cost[i], d.run.lag[i]+d.run.service[i]
				if p.after {
					base, now = base+d.run.after[i], now+d.run.finish[i]
				}
				if all = append(all, base); p.hit[i] {
					hit = append(hit, now)
				}
			}
			slices.Sort(hit)
			slices.Sort(all)
			ratio, share := float64(hit[len(hit)/2])/float64(all[len(all)/2]), float64(len(hit))/float64(len(all))
			if s == plain && (ratio < 4.9 || share < 0.03) || s == middling && (ratio < 1.7 || ratio > 3.1 || share < 0.03) || s == faint && (ratio < 1.15 || ratio > 1.5) && share >= 0.01 {
				t.Errorf("%s, %s: %.2f times the median, %.2f %% of requests (%s)", f.name, s, ratio, 100*share, d.about)
			}
		}
	}
}

// The receiver of this package and the sink do the same to the same requests.
func TestRaceIsTheSameByBoth(t *testing.T) {
	d := bare()
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 3000 {
		d.requests = append(d.requests, request{due: ms(float64(i) * 20.013), person: fmt.Sprint(r.IntN(200)), kind: capture.Help})
		d.lag, d.cost, d.status = append(d.lag, 0), append(d.cost, ms(10)), append(d.status, 200)
	}
	d.after, d.at = nil, make([]time.Duration, len(d.requests))
	d.arrive()
	d.reset()
	met := d.follows(time.Second, func(q *request) string { return q.person })
	var p part
	p.bySink(slower(sink.Fault{When: sink.SamePerson, Within: time.Second}))
	p.sink(r, d, 20)
	for i := range met {
		if slow := d.service[i] > ms(50); slow != met[i] {
			t.Fatalf("request %d takes %v by the sink; within a second of the same person: %v", i, d.service[i], met[i])
		}
	}
}

// What conditions name is counted again from the requests.
func TestConditionsNameWhatTheySay(t *testing.T) {
	d, err := NewTraffic(fixture).of(plain, 1, faults()[0])
	if err != nil {
		t.Fatal(err)
	}
	table, nan := d.table(), math.NaN()
	last := make(map[string]time.Duration)
	for i, got := range fits(table, []cause.Condition{{Attribute: cause.SamePersonWithin, From: nan, To: 1e9}}) {
		q := &d.run.requests[i]
		before, ok := last[q.person]
		if want := ok && q.person != "" && q.due-before < time.Second; got != want {
			t.Fatalf("request %d: same person within a second is %v, want %v", i, got, want)
		}
		last[q.person] = q.due
	}
	for i, got := range fits(table, []cause.Condition{{Attribute: cause.Kind, Values: []string{"subscribe", "help"}}}) {
		if k := d.run.requests[i].kind; got != (k == capture.Subscribe || k == capture.Help) {
			t.Fatalf("request %d of %v: %v", i, k, got)
		}
	}
	for i, got := range fits(table, []cause.Condition{{Attribute: cause.FirstOfPerson, Values: []string{"no"}}, {Attribute: cause.BodyBytes, From: 400, To: nan}}) {
		if got && d.run.requests[i].bytes < 400 {
			t.Fatalf("request %d of %d bytes", i, d.run.requests[i].bytes)
		}
	}
}

func TestAnswers(t *testing.T) {
	d, err := NewTraffic(fixture).of(plain, 1, faults()[0])
	if err != nil {
		t.Fatal(err)
	}
	p, table := d.parts[0], d.table()
	nan := math.NaN()
	person := []cause.Condition{{Attribute: cause.SamePersonWithin, From: nan, To: float64(p.within)}}
	kind := []cause.Condition{{Attribute: cause.Kind, Values: []string{"unrecognized"}}}
	for _, tc := range []struct {
		name string
		f    cause.Finding
		want bool
	}{
		{"the cause", cause.Finding{Whose: cause.OfTarget, Where: person}, true},
		{"said not to be told apart from another", cause.Finding{Whose: cause.OfTarget, Where: kind, Same: [][]cause.Condition{person}}, true},
		{"another's", cause.Finding{Whose: cause.OfTest, Where: person}, false},
		{"of completions", cause.Finding{Whose: cause.OfTarget, Where: person, Measure: cause.CompletionTime}, false},
		{"another", cause.Finding{Whose: cause.OfTarget, Where: kind}, false},
		{"an hour", cause.Finding{Whose: cause.OfTarget, Where: []cause.Condition{{Attribute: cause.SamePersonWithin, From: nan, To: 3.6e12}}}, false},
		{"nothing named", cause.Finding{Whose: cause.OfTarget}, false},
	} {
		if got := p.accepts(&tc.f, table); got != tc.want {
			t.Errorf("%s: right is %v", tc.name, got)
		}
	}
}

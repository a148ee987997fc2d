package cause

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestFewSenders(t *testing.T) {
	for _, tc := range []struct {
		name     string
		requests int
		traffic  Traffic
		want     bool
	}{
		{"one sender", 600, Traffic{People: 1, TopPerson: 1}, true},
		{"one sender, of a corpus of many", 600, Traffic{People: 1, TopPerson: 1, RecordedPeople: 500, RecordedTopPerson: 0.01}, true},
		{"one sender, in a corpus that was recorded from a load test", 600, Traffic{People: 1, TopPerson: 1, RecordedPeople: 1, RecordedTopPerson: 1}, true},
		{"one sender of 12 requests", 12, Traffic{People: 1, TopPerson: 1}, false},
		{"three senders", 600, Traffic{People: 3, TopPerson: 0.4}, true},
		{"fifty senders in place of 5,000", 10_000, Traffic{People: 50, TopPerson: 0.02, RecordedPeople: 5000, RecordedTopPerson: 0.001}, true},
		{"fifty people in the first 100 requests of a corpus", 100, Traffic{People: 50, TopPerson: 0.04, RecordedPeople: 5000, RecordedTopPerson: 0.001}, false},
		{"one of many has half of all", 1000, Traffic{People: 400, TopPerson: 0.5, RecordedPeople: 800, RecordedTopPerson: 0.01}, true},
		{"one of many has half of all, without a corpus", 1000, Traffic{People: 400, TopPerson: 0.5}, true},
		{"one has a tenth, and has it in the corpus", 1000, Traffic{People: 400, TopPerson: 0.1, RecordedPeople: 400, RecordedTopPerson: 0.09}, false},
		{"one has a tenth, without a corpus", 1000, Traffic{People: 400, TopPerson: 0.1}, false},
		{"people who write often", 10_000, Traffic{People: 900, TopPerson: 0.01, RecordedPeople: 900, RecordedTopPerson: 0.01}, false},
		{"people are not known", 10_000, Traffic{}, false},
		{"as recorded", 10_000, Traffic{People: 8726, TopPerson: 0.0006, RecordedPeople: 8726, RecordedTopPerson: 0.0006}, false},
	} {
		if got := tc.traffic.fewSenders(tc.requests); got != tc.want {
			t.Errorf("%s: few senders %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestKindsInBatches(t *testing.T) {
	for _, tc := range []struct {
		name     string
		requests int
		traffic  Traffic
		want     bool
	}{
		{"a kind after the other", 600, Traffic{SameKindNext: 0.99, SameKindByChance: 0.29}, true},
		{"rows of five", 600, Traffic{SameKindNext: 0.86, SameKindByChance: 0.29}, true},
		{"as recorded", 10_000, Traffic{SameKindNext: 0.2916, SameKindByChance: 0.2852, RecordedSameKindNext: 0.2916}, false},
		{"in rows of three beside a recording without", 10_000, Traffic{SameKindNext: 0.67, SameKindByChance: 0.28, RecordedSameKindNext: 0.29}, true},
		{"in rows of three, as recorded", 10_000, Traffic{SameKindNext: 0.67, SameKindByChance: 0.28, RecordedSameKindNext: 0.66}, false},
		{"in batches, in a corpus that was recorded from a load test", 10_000, Traffic{SameKindNext: 0.99, SameKindByChance: 0.28, RecordedSameKindNext: 0.99}, true},
		{"one kind", 10_000, Traffic{SameKindNext: 1, SameKindByChance: 1}, false},
		{"nearly one kind", 10_000, Traffic{SameKindNext: 0.9995, SameKindByChance: 0.999}, false},
		{"20 requests", 20, Traffic{SameKindNext: 0.9, SameKindByChance: 0.2}, false},
	} {
		if got := tc.traffic.kindsInBatches(tc.requests); got != tc.want {
			t.Errorf("%s: batches %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestFaultsOf(t *testing.T) {
	of := func(requests int, tr Traffic) *Table {
		return &Table{Intended: make([]time.Duration, requests), Traffic: tr}
	}
	if got := faultsOf(of(1000, Traffic{People: 800, TopPerson: 0.004, SameKindNext: 0.3, SameKindByChance: 0.28, RepeatedIDs: 4})); got != nil {
		t.Errorf("a load as recorded has faults %v", got)
	}
	if got := faultsOf(of(1000, Traffic{RepeatedIDs: -1})); got != nil {
		t.Errorf("a load of which nothing is known has faults %v", got)
	}
	all := faultsOf(of(1000, Traffic{People: 1, TopPerson: 1, SameKindNext: 0.99, SameKindByChance: 0.28, RepeatedIDs: 500}))
	var patterns []Pattern
	for _, f := range all {
		patterns = append(patterns, f.pattern)
	}
	if want := []Pattern{TooFewSenders, KindsInBatches, RepeatedIDs}; !slices.Equal(patterns, want) {
		t.Fatalf("patterns %v, want %v", patterns, want)
	}
	if !all[0].covers([]Condition{{Attribute: Kind}, {Attribute: SamePersonWithin}}) || all[0].covers([]Condition{{Attribute: Kind}}) {
		t.Error("too few senders show by what a person did before, and not by the kind")
	}
}

// TestLoadIsReported holds that a report says what of the load is the test's own, also where no requests are slow by it.
func TestLoadIsReported(t *testing.T) {
	table := &Table{Traffic: Traffic{People: 1, TopPerson: 1, RepeatedIDs: 40}}
	for i := range 200 {
		table.Intended = append(table.Intended, time.Duration(i)*time.Second)
		table.Lag, table.Service = append(table.Lag, 0), append(table.Service, 1000)
		table.Status, table.Failure = append(table.Status, 200), append(table.Failure, 0)
	}
	report, err := Search(t.Context(), table, Limits{})
	want := []Unlike{{TooFewSenders, OtherSenders}, {RepeatedIDs, FreshIDs}}
	if err != nil || !slices.Equal(report.Load, want) || report.Traffic != table.Traffic || len(report.Findings) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestClockSpoils(t *testing.T) {
	tr := Traffic{ClockStep: -2 * time.Second}
	if !tr.clockSpoils(CompletionTime, 3*time.Second) || tr.clockSpoils(CompletionTime, 10*time.Second) || tr.clockSpoils(Latency, time.Second) {
		t.Error("a clock that was set by 2 s makes completions 3 s late, but not 10 s, and no answer")
	}
	if (Traffic{ClockStep: time.Millisecond}).clockSpoils(CompletionTime, 0) {
		t.Error("a clock that is slewed was called set")
	}
}

// TestRealShapes draws traffic of the recorded shape, in which people write several times and reactions come in rows: no run may be
// called the test's own.
func TestRealShapes(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewPCG(seed, 0))
	for run := range 500 {
		n := 50 + r.IntN(3000)
		kinds, people := drawTraffic(r, n)
		tr := trafficOf(kinds, people)
		tr.RecordedPeople, tr.RecordedTopPerson, tr.RecordedSameKindNext = tr.People, tr.TopPerson, tr.SameKindNext
		if run%2 == 0 { // without a corpus
			tr.RecordedPeople, tr.RecordedTopPerson, tr.RecordedSameKindNext = 0, 0, 0
		}
		if got := faultsOf(&Table{Intended: make([]time.Duration, n), Traffic: tr}); got != nil {
			t.Errorf("run %d (seed %d) of %d requests, %+v: faults %v", run, seed, n, tr, got)
		}
	}
}

// drawTraffic draws kinds in the recorded shares, a third of the reactions in rows of two or three of one person, and people of whom one
// in five goes on writing.
func drawTraffic(r *rand.Rand, n int) (kinds, people []int) {
	shares := []float64{0.14, 0.12, 0.02, 0.02, 0.09, 0.15, 0.46}
	const reaction = 4
	for person := 0; len(kinds) < n; person++ {
		who, u, kind := person, r.Float64(), 0
		for u > shares[kind] && kind < len(shares)-1 {
			u -= shares[kind]
			kind++
		}
		if person > 0 && r.Float64() < 0.2 {
			who = r.IntN(person)
		}
		rows := 1
		if kind == reaction && r.Float64() < 0.33 {
			rows += 1 + r.IntN(2)
		}
		for range rows {
			kinds, people = append(kinds, kind), append(people, who)
		}
	}
	return kinds[:n], people[:n]
}

func trafficOf(kinds, people []int) Traffic {
	n := float64(len(kinds))
	byKind, byPerson := make(map[int]float64), make(map[int]float64)
	same := 0.0
	for i, k := range kinds {
		byKind[k]++
		byPerson[people[i]]++
		if i > 0 && kinds[i-1] == k {
			same++
		}
	}
	tr := Traffic{People: int64(len(byPerson)), SameKindNext: same / (n - 1)}
	for _, c := range byKind {
		tr.SameKindByChance += c * (c - 1) / n / (n - 1)
	}
	for _, c := range byPerson {
		tr.TopPerson = max(tr.TopPerson, c/n)
	}
	return tr
}

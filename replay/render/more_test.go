package render

import (
	"fmt"
	"testing"

	"reprise/capture/sms"
)

// Whom Grow finds is nobody of the corpus, nobody planned, and a person's own in each copy.
func TestGrownPeopleAreNew(t *testing.T) {
	used := NewUsed(sms.Wide())
	var corpus []string
	for i := range 500 {
		corpus = append(corpus, sms.Wide().At(i*37))
		used.Mark(corpus[i])
	}
	seen := make(map[string]string)
	for _, n := range corpus {
		seen[n] = "the corpus"
	}
	few, err := newPeople(used, 2, [32]byte(key(7, "people", 0)))
	if err != nil {
		t.Fatal(err)
	}
	many, err := newPeople(used, 40, [32]byte(key(7, "people", 0)))
	if err != nil {
		t.Fatal(err)
	}
	for play := 1; play <= 40; play++ {
		for i, n := range corpus {
			got, ok := many.of(n, play)
			if !ok || seen[got] != "" {
				t.Fatalf("person %d in play %d is %s", i, play, seen[got])
			}
			seen[got] = fmt.Sprintf("person %d in play %d", i, play)
			if planned, ok := few.of(n, play); ok && planned != got {
				t.Fatalf("person %d in play %d is another than planned", i, play)
			}
		}
	}
}

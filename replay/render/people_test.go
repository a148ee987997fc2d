package render

import (
	"testing"

	"reprise/capture"
	"reprise/capture/sms"
)

func TestPeopleAreNewAndTheirOwn(t *testing.T) {
	const persons, copies = 3000, 4
	for _, pool := range []sms.Pool{sms.Wide(), sms.Strict()} {
		used := NewUsed(pool)
		for i := range persons {
			used.Mark(pool.At(i * 7))
		}
		if used.Count() != persons {
			t.Fatalf("%d marks", used.Count())
		}
		p, err := newPeople(used, copies, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		type who struct{ person, play int }
		given := make(map[string]who)
		for i := range persons {
			for play := 1; play <= copies; play++ {
				raw := pool.At(i * 7)
				number, ok := p.of(raw, play)
				if !ok {
					t.Fatalf("pool %s: no number for person %d in copy %d", pool.Name(), i, play)
				}
				if slot, ok := pool.Index(number); !ok || used.has(slot) {
					t.Fatalf("pool %s: person %d in copy %d got a number of the corpus", pool.Name(), i, play)
				}
				if other, taken := given[number]; taken {
					t.Fatalf("pool %s: %v and %v share a number", pool.Name(), other, who{i, play})
				}
				given[number] = who{i, play}
				if again, _ := p.of(raw, play); again != number {
					t.Fatalf("pool %s: person %d got two numbers", pool.Name(), i)
				}
			}
		}
	}
}

func TestPeopleInEveryNotation(t *testing.T) {
	used := NewUsed(sms.Wide())
	used.Mark("+14155551234")
	p, err := newPeople(used, 1, [32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	w := senderMapping{people: p}
	of := func(raw string, play int) (string, bool) {
		number, ok := w.of(raw, play)
		if !ok {
			return "", false
		}
		return sms.Restyle(raw, number), true
	}
	plain, _ := of("+14155551234", 1)
	for _, raw := range []string{"14155551234", "whatsapp:+14155551234", "(415) 555-1234"} {
		got, ok := of(raw, 1)
		if canonical, _ := sms.Canonical(got); !ok || canonical != plain {
			t.Errorf("%q became another person than the plain number", raw)
		}
	}
	if got, _ := of("whatsapp:+14155551234", 1); got != "whatsapp:"+plain {
		t.Error("the channel's prefix is lost")
	}
	for _, raw := range []string{"", "ACME", "not a number"} {
		if got, ok := of(raw, 1); ok {
			t.Errorf("%q became %q", raw, got)
		}
	}
	if _, ok := of("+14155551234", 2); ok {
		t.Error("there is a second copy of one")
	}
}

// Persons outside the pool have new numbers too, until there are none left.
func TestPeopleOutsideThePool(t *testing.T) {
	used := NewUsed(sms.Strict())
	p, err := newPeople(used, 1, [32]byte{3})
	if err != nil {
		t.Fatal(err)
	}
	given := make(map[string]bool)
	for i := range used.pool.Len() {
		raw := "+4479" + string([]byte{byte('0' + i/10000000%10), byte('0' + i/1000000%10), byte('0' + i/100000%10), byte('0' + i/10000%10), byte('0' + i/1000%10), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
		number, ok := p.of(raw, 1)
		if !ok || given[number] || !used.pool.Contains(number) {
			t.Fatalf("person %d got no number of their own", i)
		}
		given[number] = true
	}
	if _, ok := p.of("+4915112345678", 1); ok {
		t.Error("there is a number beyond the last")
	}
	if again, ok := p.of("+447900000000", 1); !ok || !given[again] {
		t.Error("a person who has a number lost it")
	}
}

func TestObserve(t *testing.T) {
	used := NewUsed(sms.Wide())
	used.Observe(&capture.Record{
		Message: capture.Message{From: "+14155551234", To: "whatsapp:+12125550000"},
		Body:    []byte("cc=%2B13105550007&x=8185550009&id=91415555123411&n=1"),
	})
	for _, number := range []string{"+14155551234", "+12125550000", "+13105550007", "+18185550009"} {
		if slot, ok := used.pool.Index(number); !ok || !used.has(slot) {
			t.Errorf("%s is not marked", number)
		}
	}
	if used.Count() != 4 {
		t.Errorf("%d marks, want 4", used.Count())
	}
}

package sms

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// TestAreaZones derives the zones again from libphonenumber's metadata.
func TestAreaZones(t *testing.T) {
	for i := range areas {
		number := "+1" + areaCodes[3*i:3*i+3] + "5550100"
		n, err := phonenumbers.Parse(number, "")
		if err != nil {
			t.Fatal(err)
		}
		names, err := phonenumbers.GetTimezonesForNumber(n)
		if err != nil {
			t.Fatal(err)
		}
		z, ok := ZoneOf(number)
		if want := strings.Join(names, " "); !ok || z.String() != want {
			t.Errorf("area code %s is of %q, the metadata says %q", number[2:5], z, want)
		}
	}
	for _, outside := range []string{"", "+447700900123", "+18005550100", "+1415555010", "+1x155550100"} {
		if _, ok := ZoneOf(outside); ok {
			t.Errorf("%q has a zone", outside)
		}
	}
}

// The zones are the pool: every number is in one of them, at one place, and nowhere else.
func TestZonesDividePools(t *testing.T) {
	for _, p := range []Pool{Wide(), Strict()} {
		seen := make([]bool, p.Len())
		total := 0
		for z := range Zone(p.Zones()) {
			if z > 0 && p.ZoneLen(z) > p.ZoneLen(z-1) {
				t.Errorf("%s: zone %s is larger than the one before it", p.Name(), z)
			}
			for i := range p.ZoneLen(z) {
				number := p.AtZone(z, i)
				at, ok := p.Index(number)
				if got, _ := ZoneOf(number); !ok || seen[at] || got != z {
					t.Fatalf("%s: number %d of zone %s is number %d of the pool (%v) and of zone %s", p.Name(), i, z, at, ok, got)
				}
				seen[at] = true
				total++
			}
		}
		if total != p.Len() {
			t.Errorf("%s: %d numbers are in zones, %d in the pool", p.Name(), total, p.Len())
		}
	}
}

func TestNewPool(t *testing.T) {
	p, err := NewPool("mine", []string{"+15005550006", "(500) 555-0007", "+447700900123"})
	if err != nil {
		t.Fatal(err)
	}
	if p.Name() != "mine" || p.Len() != 3 || p.Zones() != 1 || p.ZoneLen(0) != 3 || p.AtZone(0, 1) != "+15005550007" {
		t.Errorf("the pool is %q, %d numbers, %d zones, second %q", p.Name(), p.Len(), p.Zones(), p.At(1))
	}
	if i, ok := p.Index("+447700900123"); i != 2 || !ok || p.Contains("+12015550100") {
		t.Errorf("Index gave %d, %v", i, ok)
	}
	for want, list := range map[string][]string{
		"no number": nil, "entry 2 is no": {"+15005550006", "STOP"}, "entry 3 is the number of entry 1": {"+15005550006", "+15005550007", "15005550006"},
	} {
		if _, err := NewPool("mine", list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d entries: %v, want %q", len(list), err, want)
		}
	}
}

package sms

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// TestAreaCodes derives both tables of area codes again from libphonenumber's metadata. When it fails after an
// upgrade, the plan has new codes: those in otherAreaCodes may simply be added; areaCodes is the order of the pools.
func TestAreaCodes(t *testing.T) {
	var mobile, other strings.Builder
	us, ca := 0, 0
	for code := 200; code < 1000; code++ {
		n := &phonenumbers.PhoneNumber{}
		country, national := int32(1), uint64(code)*10_000_000+5_550_100
		n.CountryCode, n.NationalNumber = &country, &national
		if !phonenumbers.IsValidNumber(n) {
			continue
		}
		region := phonenumbers.GetRegionCodeForNumber(n)
		switch {
		case phonenumbers.GetNumberType(n) != phonenumbers.FIXED_LINE_OR_MOBILE:
			other.WriteString(strconv.Itoa(code))
			continue
		case region == "US":
			us++
		case region == "CA":
			ca++
		default:
			other.WriteString(strconv.Itoa(code))
			continue
		}
		mobile.WriteString(strconv.Itoa(code))
	}
	if mobile.String() != areaCodes {
		t.Errorf("areaCodes differ from the metadata, which says\n%s", mobile.String())
	}
	if other.String() != otherAreaCodes {
		t.Errorf("otherAreaCodes differ from the metadata, which says\n%s", other.String())
	}
	if us != 356 || ca != 55 || areas != 411 {
		t.Errorf("%d codes of the US and %d of Canada, %d in the table, want 356, 55 and 411", us, ca, areas)
	}
}

func TestPoolSizes(t *testing.T) {
	if got := Wide().Len(); got != 4_107_945 {
		t.Errorf("Wide().Len() = %d, want 4,107,945", got)
	}
	if got := Strict().Len(); got != 41_100 {
		t.Errorf("Strict().Len() = %d, want 41,100", got)
	}
	if (Pool{}) != Wide() || Wide().Name() != "wide" || Strict().Name() != "strict" {
		t.Errorf("the zero pool is %q, the pools are %q and %q", Pool{}.Name(), Wide().Name(), Strict().Name())
	}
}

// TestPoolOrder holds the order: it decides which number a person gets, in every corpus made with one key.
func TestPoolOrder(t *testing.T) {
	for _, tc := range []struct {
		pool Pool
		i    int
		want string
	}{
		{Wide(), 0, "+12015550000"},
		{Wide(), 1110, "+12015551110"},
		{Wide(), 1111, "+12015551112"},
		{Wide(), 1211, "+12015551213"},
		{Wide(), 9994, "+12015559999"},
		{Wide(), 9995, "+12025550000"},
		{Wide(), 2_000_000, "+15855551000"},
		{Wide(), 4_107_944, "+19895559999"},
		{Strict(), 0, "+12015550100"},
		{Strict(), 100, "+12025550100"},
		{Strict(), 41_099, "+19895550199"},
	} {
		if got := tc.pool.At(tc.i); got != tc.want {
			t.Errorf("%s: At(%d) = %q, want %q", tc.pool.Name(), tc.i, got, tc.want)
		}
	}
}

func TestPoolIndexIsTheInverse(t *testing.T) {
	for _, p := range []Pool{Wide(), Strict()} {
		for i := range p.Len() {
			number := p.At(i)
			if j, ok := p.Index(number); !ok || j != i {
				t.Fatalf("%s: Index(At(%d)) = %d, %v", p.Name(), i, j, ok)
			}
		}
	}
}

func TestPoolContains(t *testing.T) {
	for _, tc := range []struct {
		number       string
		wide, strict bool
	}{
		{"+12015550100", true, true},
		{"+12015550199", true, true},
		{"+12015550099", true, false},
		{"+12015550200", true, false},
		{"+12015551111", false, false},
		{"+12015551212", false, false},
		{"+12015551313", false, false},
		{"+12015554141", false, false},
		{"+12015554334", false, false},
		{"+12015560100", false, false},
		{"+18005550100", false, false}, // toll-free
		{"+15005550006", false, false}, // a vendor's test number
		{"+18095550100", false, false}, // Dominican Republic
		{"+15555550100", false, false}, // no such area code
		{"12015550100", false, false},
		{"+1201555010", false, false},
		{"+120155501000", false, false},
		{"+1201555010x", false, false},
		{"+1x015550100", false, false},
		{"28572", false, false},
		{"", false, false},
	} {
		if got := Wide().Contains(tc.number); got != tc.wide {
			t.Errorf("Wide().Contains(%q) = %v", tc.number, got)
		}
		if got := Strict().Contains(tc.number); got != tc.strict {
			t.Errorf("Strict().Contains(%q) = %v", tc.number, got)
		}
	}
}

// TestPoolNumbersAreValid samples both pools across every area code.
func TestPoolNumbersAreValid(t *testing.T) {
	for _, p := range []Pool{Wide(), Strict()} {
		for i := 0; i < p.Len(); i += p.Len() / 2500 {
			number := p.At(i)
			n, err := phonenumbers.Parse(number, "")
			if err != nil || !phonenumbers.IsValidNumber(n) || phonenumbers.GetNumberType(n) != phonenumbers.FIXED_LINE_OR_MOBILE {
				t.Fatalf("%s: At(%d) is not a valid mobile number", p.Name(), i)
			}
			if got, class := Canonical(number); got != number || class != E164 {
				t.Fatalf("%s: At(%d) is not canonical", p.Name(), i)
			}
		}
	}
}

func TestPoolAtPanicsOutOfRange(t *testing.T) {
	for _, i := range []int{-1, Wide().Len()} {
		func() {
			defer func() {
				if r := recover(); !strings.HasPrefix(fmt.Sprint(r), "sms: internal error") {
					t.Errorf("At(%d): recovered %v", i, r)
				}
			}()
			Wide().At(i)
		}()
	}
}

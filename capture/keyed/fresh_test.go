package keyed

import (
	"fmt"
	"regexp"
	"testing"
)

func TestFreshIDShapes(t *testing.T) {
	key := []byte("a key")
	for old, shape := range map[string]string{
		"SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e":       `^SM[0-9a-f]{32}$`,
		"AC00000000000000000000000000000000":       `^AC[0-9a-f]{32}$`,
		"29e2d263-7ac9-4fa2-8254-84bbda884287":     `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"0185A3F0-7AC9-7FA2-B254-84BBDA884287":     `^[0-9A-F]{8}-[0-9A-F]{4}-7[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`,
		"3c42cb405cc3f5fdc0f02a55fe72a9350d8e2e7f": `^[0-9a-f]{40}$`,
		"31484555E7A3FF12":                         `^[0-9A-F]{16}$`,
		"817790313235066447":                       `^[1-9][0-9]{17}$`,
		"81779031323506644781779031323506644700":   `^[1-9][0-9]{37}$`,
		"000123":                                   `^000[1-9][0-9]{2}$`,
		"7":                                        `^[1-9]$`,
		"14762070468292kw2fuqty55yp2b2":            `^[0-9]{14}[a-z]{2}[0-9][a-z]{5}[0-9]{2}[a-z]{2}[0-9][a-z][0-9]$`,
		"01GJQ6Y6V3P9KQ0Z8R7W5T4S2N":               `^0[0-9][A-HJKMNP-TV-Z]{3}[0-9][A-Z][0-9][A-Z][0-9][A-Z][0-9][A-Z]{2}[0-9][A-Z][0-9][A-Z][0-9][A-Z][0-9][A-Z][0-9][A-Z][0-9][A-Z]$`,
		"msg_2KWPBgLlAfxdpx2AI54pPJ85f4W":          `^msg_[0-9][A-Z]{4}[a-z][A-Z][a-z][A-Z][a-z]{5}[0-9][A-Z]{2}[0-9]{2}[a-z][A-Z]{2}[0-9]{2}[a-z][0-9][A-Z]$`,
		"evt-deadbeef00":                           `^evt-[0-9a-f]{10}$`,
		"AQHk+x/9==":                               `^[A-Z]{3}[a-z]\+[a-z]/[0-9]==$`,
		"TCPA3X7":                                  `^[A-Z]{4}[0-9][A-Z][0-9]$`,
		"gid://shopify/Customer/207119551":         `^gid://shopify/Customer/[1-9][0-9]{8}$`,
	} {
		got := FreshID(key, old)
		if !regexp.MustCompile(shape).MatchString(got) {
			t.Errorf("FreshID(%q) = %q, want the shape %s", old, got, shape)
		}
		if got == old {
			t.Errorf("FreshID(%q) is the same", old)
		}
		if again := FreshID(key, old); again != got {
			t.Errorf("FreshID(%q) = %q, and then %q", old, got, again)
		}
		if other := FreshID([]byte("another key"), old); other == got && len(old) > 1 {
			t.Errorf("FreshID(%q) does not depend on the key", old)
		}
	}
	if got, want := FreshID(key, "gid://shopify/Customer/207119551"), "gid://shopify/Customer/"+FreshID(key, "207119551"); got != want {
		t.Errorf("the id in a global id becomes %s, not %s", got, want)
	}
	for _, old := range []string{"", "0", "000", "---", "é"} {
		if got := FreshID(key, old); len(got) != len(old) {
			t.Errorf("FreshID(%q) = %q", old, got)
		}
	}
}

// Ids of a small shape are permuted; those of a large one do not meet by chance.
func TestFreshIDInjective(t *testing.T) {
	for name, ids := range map[string]func(i int) string{
		"four digits": func(i int) string { return fmt.Sprint(1000 + i%9000) },
		"mixed":       func(i int) string { return fmt.Sprintf("m%03dx", i%1000) },
		"uuid":        func(i int) string { return fmt.Sprintf("29e2d263-7ac9-4fa2-8254-84bbda%06x", i) },
		"sid":         func(i int) string { return fmt.Sprintf("SM6e0b1c3d5f7a9b2c4d6e8f0a1b%06x", i) },
		"decimal":     func(i int) string { return fmt.Sprint(817790313235000000 + i) },
	} {
		from := map[string]string{}
		for i := range 10000 {
			old := ids(i)
			fresh := FreshID([]byte("k"), old)
			if other, ok := from[fresh]; ok && other != old {
				t.Fatalf("%s: %q and %q both became %q", name, old, other, fresh)
			}
			from[fresh] = old
		}
	}
}

// What a key makes of an id is part of what anonymized corpora look like: it may not change unnoticed.
func TestFreshIDGolden(t *testing.T) {
	for old, want := range map[string]string{
		"SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e":   "SM8e5db3b9317aaed6bdfbd7f75cb45017",
		"29e2d263-7ac9-4fa2-8254-84bbda884287": "caeeeb76-24a7-452a-b125-1d1a64c6288f",
		"817790313235066447":                   "438086489773687504",
		"TCPA3X7":                              "ZRUO7W7",
	} {
		if got := FreshID([]byte("golden"), old); got != want {
			t.Errorf("FreshID(%q) = %q, want %q", old, got, want)
		}
	}
}

// Fresh gives what FreshID gives, whatever stood in dst.
func TestFreshAgrees(t *testing.T) {
	fresh := NewFresh([]byte("a key"))
	for _, old := range []string{
		"", "7", "SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", "29e2d263-7ac9-4fa2-8254-84bbda884287", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "81779031",
	} {
		want := "before " + FreshID([]byte("a key"), old)
		if got := string(fresh.Append([]byte("before "), []byte(old))); got != want || len(got) != len("before ")+len(old) {
			t.Errorf("Append(%q) = %q, FreshID gives %q", old, got, want)
		}
	}
	sid, dst := []byte("SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e"), make([]byte, 0, 64)
	shape := idShape(nil, sid)
	slow := append(dst, sid...)
	fresh.hash(slow, sid, shape)
	if fast := fresh.Append(nil, sid); string(fast) != string(slow) {
		t.Errorf("the short way gave %q, the long one %q", fast, slow)
	}
	for _, old := range []string{string(sid), "29e2d263-7ac9-4fa2-8254-84bbda884287", "8177903132"} {
		id := []byte(old)
		if n := testing.AllocsPerRun(100, func() { dst = fresh.Append(dst[:0], id) }); n > 0 {
			t.Errorf("%d bytes: %v allocations", len(old), n)
		}
	}
}

func BenchmarkFresh(b *testing.B) {
	fresh := NewFresh(make([]byte, 32))
	for _, old := range []string{"SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", "29e2d263-7ac9-4fa2-8254-84bbda884287", "8177903132"} {
		b.Run(fmt.Sprint(len(old)), func(b *testing.B) {
			dst, id := make([]byte, 0, 64), []byte(old)
			b.ReportAllocs()
			for b.Loop() {
				dst = fresh.Append(dst[:0], id)
			}
		})
	}
}

func BenchmarkFreshID(b *testing.B) {
	key := make([]byte, 32)
	for _, old := range []string{"SM6e0b1c3d5f7a9b2c4d6e8f0a1b3c5d7e", "29e2d263-7ac9-4fa2-8254-84bbda884287", "8177903132"} {
		b.Run(fmt.Sprint(len(old)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				FreshID(key, old)
			}
		})
	}
}

package sms

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestMeasure(t *testing.T) {
	s := strings.Repeat
	for _, tc := range []struct {
		name, text string
		want       Size
	}{
		{"empty", "", Size{GSM7, 0, 1}},
		{"one character", "a", Size{GSM7, 1, 1}},
		{"every GSM character", gsmBasic, Size{GSM7, 127, 1}},
		{"every extension character", gsmExtension, Size{GSM7, 20, 1}},
		{"accents that GSM has", "é è ù ì ò à ñ Ñ ä ö ü Ä Ö Ü Ç ß Å å Æ æ Ø ø É", Size{GSM7, 45, 1}},
		{"a cedilla in lower case", "ç", Size{UCS2, 1, 1}},
		{"a grave accent alone", "`", Size{UCS2, 1, 1}},
		{"a tab", "\t", Size{UCS2, 1, 1}},
		{"an escape", "\x1b", Size{UCS2, 1, 1}},
		{"curly apostrophe", "don’t", Size{UCS2, 5, 1}},
		{"160 septets", s("a", 160), Size{GSM7, 160, 1}},
		{"161 septets", s("a", 161), Size{GSM7, 161, 2}},
		{"306 septets", s("a", 306), Size{GSM7, 306, 2}},
		{"307 septets", s("a", 307), Size{GSM7, 307, 3}},
		{"80 brackets", s("[", 80), Size{GSM7, 160, 1}},
		{"81 brackets", s("[", 81), Size{GSM7, 162, 2}},
		// 76 pairs fill 152 of 153 septets: the 77th goes into the next part whole, and one septet stays empty.
		{"152 brackets", s("[", 152), Size{GSM7, 304, 2}},
		{"153 brackets", s("[", 153), Size{GSM7, 306, 3}},
		{"pair on the border", s("a", 152) + "€" + s("a", 151), Size{GSM7, 305, 2}},
		{"pair on the border, one more", s("a", 152) + "€" + s("a", 152), Size{GSM7, 306, 3}},
		{"pair before the border", s("a", 151) + "€" + s("a", 153), Size{GSM7, 306, 2}},
		{"70 units", s("ж", 70), Size{UCS2, 70, 1}},
		{"71 units", s("ж", 71), Size{UCS2, 71, 2}},
		{"134 units", s("ж", 134), Size{UCS2, 134, 2}},
		{"135 units", s("ж", 135), Size{UCS2, 135, 3}},
		{"35 emoji", s("🔥", 35), Size{UCS2, 70, 1}},
		{"36 emoji", s("🔥", 36), Size{UCS2, 72, 2}},
		// 33 emoji fill 66 of 67 units: the 34th goes into the next part whole.
		{"66 emoji", s("🔥", 66), Size{UCS2, 132, 2}},
		{"67 emoji", s("🔥", 67), Size{UCS2, 134, 3}},
		{"emoji on the border", s("ж", 66) + "🔥" + s("ж", 65), Size{UCS2, 133, 2}},
		{"emoji on the border, one more", s("ж", 66) + "🔥" + s("ж", 66), Size{UCS2, 134, 3}},
		{"not UTF-8", "a\xffb", Size{UCS2, 3, 1}},
	} {
		if got := Measure(tc.text); got != tc.want {
			t.Errorf("%s: Measure = %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

// septets is how many a character takes in GSM 7-bit: 1, 2 for the extension table, 0 where it is in neither.
func septets(r rune) int {
	if r >= 0 && r < utf8.RuneSelf {
		return int(gsmASCII[r])
	}
	return gsmSeptets(r)
}

func TestSeptets(t *testing.T) {
	want := map[rune]int{}
	for _, r := range gsmBasic {
		want[r] = 1
	}
	for _, r := range gsmExtension {
		want[r] = 2
	}
	if len(want) != 137 {
		t.Fatalf("the tables hold %d characters, want 137", len(want))
	}
	for r := rune(-1); r < 0x3000; r++ {
		if got := septets(r); got != want[r] {
			t.Errorf("septets(%U) = %d, want %d", r, got, want[r])
		}
	}
}

func TestEncodingString(t *testing.T) {
	if GSM7.String() != "GSM-7" || UCS2.String() != "UCS-2" {
		t.Errorf("encodings are called %q and %q", GSM7, UCS2)
	}
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Measure(longText + "🔥") }); n != 0 {
		t.Errorf("Measure allocates %v times", n)
	}
}

// splitUnits cuts text as a sender must: characters whole, parts full where that lets them be. It is the slow
// definition that FuzzMeasure holds Measure to.
func splitUnits(text string) (e Encoding, units, parts int) {
	var widths []int
	for _, r := range text {
		n := septets(r)
		if n == 0 {
			e = UCS2
		}
		widths = append(widths, n)
	}
	single, part := gsmSingle, gsmPart
	if e == UCS2 {
		single, part = ucsSingle, ucsPart
		widths = widths[:0]
		for _, r := range text {
			widths = append(widths, len(utf16.Encode([]rune{r})))
		}
	}
	used := 0
	parts = 1
	for _, w := range widths {
		units += w
		if used+w > part {
			parts, used = parts+1, 0
		}
		used += w
	}
	if units <= single {
		parts = 1
	}
	return e, units, parts
}

func FuzzMeasure(f *testing.F) {
	for _, s := range []string{
		"", "a", strings.Repeat("[", 153), strings.Repeat("🔥", 67), strings.Repeat("a", 152) + "€", "don’t", "a\xffb", longText,
		strings.Repeat("ж", 66) + "🔥" + strings.Repeat("ж", 66),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Measure(text)
		e, units, parts := splitUnits(text)
		if want := (Size{e, units, parts}); got != want {
			t.Fatalf("Measure(%+q) = %+v, want %+v", text, got, want)
		}
		if got.Parts > 1 {
			limit := gsmPart
			if e == UCS2 {
				limit = ucsPart
			}
			if got.Units > got.Parts*limit || got.Units <= (got.Parts-1)*(limit-1) {
				t.Fatalf("Measure(%+q) = %+v does not fit", text, got)
			}
		}
	})
}

package sms

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestParseReaction(t *testing.T) {
	for _, tc := range []struct{ text, before, quote, after string }{
		// English iPhones.
		{"Loved “See you there”", "Loved “", "See you there", "”"},
		{"Liked “a\nb”", "Liked “", "a\nb", "”"},
		{"Disliked “x”", "Disliked “", "x", "”"},
		{"Laughed at “x”", "Laughed at “", "x", "”"},
		{"Emphasized “x”", "Emphasized “", "x", "”"},
		{"Emphasised “x”", "Emphasised “", "x", "”"},
		{"Questioned “x”", "Questioned “", "x", "”"},
		{`Loved "See you there"`, `Loved "`, "See you there", `"`},
		{"Removed a heart from “x”", "Removed a heart from “", "x", "”"},
		{"Removed a like from “x”", "Removed a like from “", "x", "”"},
		{"Removed a dislike from “x”", "Removed a dislike from “", "x", "”"},
		{"Removed a laugh from “x”", "Removed a laugh from “", "x", "”"},
		{"Removed an exclamation from “x”", "Removed an exclamation from “", "x", "”"},
		{"Removed a question mark from “x”", "Removed a question mark from “", "x", "”"},
		{"Reacted 🔥 to “x”", "Reacted 🔥 to “", "x", "”"},
		{"Reacted 👍🏽 to “x”", "Reacted 👍🏽 to “", "x", "”"},
		{"Reacted ❤️ to “x”", "Reacted ❤️ to “", "x", "”"},
		{"Reacted 👨‍👩‍👧 to “x”", "Reacted 👨‍👩‍👧 to “", "x", "”"},
		{"Reacted 🏴󠁧󠁢󠁥󠁮󠁧󠁿 to “x”", "Reacted 🏴󠁧󠁢󠁥󠁮󠁧󠁿 to “", "x", "”"},
		{"Reacted 🇫🇷 to “x”", "Reacted 🇫🇷 to “", "x", "”"},
		{"Reacted 1️⃣ to “x”", "Reacted 1️⃣ to “", "x", "”"},
		{"Reacted ‼️ to “x”", "Reacted ‼️ to “", "x", "”"},
		{"Removed 🔥 from “x”", "Removed 🔥 from “", "x", "”"},
		{"Reacted with a sticker to “x”", "Reacted with a sticker to “", "x", "”"},
		{"Removed a sticker from “x”", "Removed a sticker from “", "x", "”"},

		// What has no text.
		{"Loved an image", "Loved an image", "", ""},
		{"Liked a movie", "Liked a movie", "", ""},
		{"Laughed at an attachment", "Laughed at an attachment", "", ""},
		{"Reacted 😂 to an attachment", "Reacted 😂 to an attachment", "", ""},
		{"Reacted with a sticker to an image", "Reacted with a sticker to an image", "", ""},
		{"Removed a heart from an image", "Removed a heart from an image", "", ""},
		{"Loved “\ufffc”", "Loved “", "\ufffc", "”"},
		{"Loved “”", "Loved “", "", "”"},

		// What quotes hold.
		{"Loved “a long text th…”", "Loved “", "a long text th", "…”"},
		{"Loved “…”", "Loved “", "", "…”"},
		{"Loved “Use “SAVE” now”", "Loved “", "Use “SAVE” now", "”"},
		{"Loved “5” pipe”", "Loved “", "5” pipe", "”"},
		{`Loved "Use "SAVE" now"`, `Loved "`, `Use "SAVE" now`, `"`},
		{"Loved “ padded ”", "Loved “", " padded ", "”"},
		{" Loved “x”\n", " Loved “", "x", "”\n"},
		{"Loved “Loved “x””", "Loved “", "Loved “x”", "”"},

		// Google Messages.
		{"\u200a\u200b👍\u200b to “\u200ahi there\u200a”\u200a", "\u200a\u200b👍\u200b to “\u200a", "hi there", "\u200a”\u200a"},
		{"\u200aReacted \u200b👍\u200b to “\u200ax\u200a”\u200a", "\u200aReacted \u200b👍\u200b to “\u200a", "x", "\u200a”\u200a"},
		{
			"\u200aRemoved \u200c👍\u200c from “\u200ax…\u200a”\u200a",
			"\u200aRemoved \u200c👍\u200c from “\u200a", "x", "…\u200a”\u200a",
		},
		{
			"\u200aРеакция \u200b👍\u200b на \"\u200ax\ny\u200a\"\u200a",
			"\u200aРеакция \u200b👍\u200b на \"\u200a", "x\ny", "\u200a\"\u200a",
		},
		{
			"\u200aA réagi avec \u200b😂\u200b à «\u00a0\u200aÀ demain\u200a\u00a0»\u200a",
			"\u200aA réagi avec \u200b😂\u200b à «\u00a0\u200a", "À demain", "\u200a\u00a0»\u200a",
		},
		{"\u200aReacted \u200b👍\u200b to \u200ax\u200a\u200a", "\u200aReacted \u200b👍\u200b to \u200a", "x", "\u200a\u200a"},
		{"\u200b👍\u200b to “\u200ax\u200a”", "\u200b👍\u200b to “\u200a", "x", "\u200a”"}, // trimmed by a vendor

		// Other languages.
		{"„Bis morgen“ ein Herz hinzugefügt", "„", "Bis morgen", "“ ein Herz hinzugefügt"},
		{"Gefällt: „x“", "Gefällt: „", "x", "“"},
		{"„Gefällt mir“ von „x“ entfernt", "„Gefällt mir“ von „", "x", "“ entfernt"},
		{"Hat mit 🔥 auf „x“ reagiert", "Hat mit 🔥 auf „", "x", "“ reagiert"},
		{"🔥 aus „x“ entfernt", "🔥 aus „", "x", "“ entfernt"},
		{"A réagi avec 🔥 à « x »", "A réagi avec 🔥 à «", " x ", "»"},
		{"A réagi avec 🔥 à «\u00a0x\u00a0»", "A réagi avec 🔥 à «\u00a0", "x", "\u00a0»"},
		{"A ajouté un «\u00a0J’adore\u00a0» à «\u00a0x\u00a0».", "A ajouté un «\u00a0J’adore\u00a0» à «\u00a0", "x", "\u00a0»."},
		{"a ajouté un « J'aime » à « x »", "a ajouté un « J'aime » à «", " x ", "»"},
		{"a attribué la mention « Adore » à « x »", "a attribué la mention « Adore » à «", " x ", "»"},
		{"N’aime pas “x”", "N’aime pas “", "x", "”"},
		{"Le encantó “x”", "Le encantó “", "x", "”"},
		{"Le encantó una imagen", "Le encantó una imagen", "", ""},
		{"Se ha reaccionado con ☺️ a “x”", "Se ha reaccionado con ☺️ a “", "x", "”"},
		{"Ha aggiunto “Mi piace” a “x”", "Ha aggiunto “Mi piace” a “", "x", "”"},
		{"Vond ‘x’ niet leuk", "Vond ‘", "x", "’ niet leuk"},
		{"Syntes om ”x”", "Syntes om ”", "x", "”"},
		{"Lo av «x»", "Lo av «", "x", "»"},
		{"Gillade ”x”", "Gillade ”", "x", "”"},
		{"Milovaný „x“", "Milovaný „", "x", "“"},
		{"Pokochał „x”", "Pokochał „", "x", "”"},
		{"👍 reagált erre: „x”", "👍 reagált erre: „", "x", "”"},
		{"Понравилось «x»", "Понравилось «", "x", "»"},
		{"Реакция 👍 към “x”", "Реакция 👍 към “", "x", "”"},
		{"Đã yêu thích “x”", "Đã yêu thích “", "x", "”"},
		{"對「x」按讚", "對「", "x", "」按讚"},
		{"已移除對「x」的 👍 反應", "已移除對「", "x", "」的 👍 反應"},
		{"“\u200aまた明日\u200a”に\u200a👀\u200aでリアクションしました", "“\u200a", "また明日", "\u200a”に\u200a👀\u200aでリアクションしました"},
		{"‘내일 봐’에서 👀 표시 제거함", "‘", "내일 봐", "’에서 👀 표시 제거함"},
	} {
		got, ok := ParseReaction(tc.text)
		if want := (ReactionParts{tc.before, tc.quote, tc.after}); !ok || got != want {
			t.Errorf("ParseReaction(%+q) = %+q, %v, want %+q", tc.text, got, ok, want)
		}
		if got.Before+got.Quote+got.After != tc.text {
			t.Errorf("ParseReaction(%+q): the parts do not make the text", tc.text)
		}
	}
}

func TestParseReactionRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "\u200a", "\u200b", "“", "\"", "Loved", "Loved ", "Loved “", "Loved ”", "Loved “x", "Loved x”",
		"Loved the shoes", "Loved it!", "Loved an image of the river", "Removed an image", "Liked a lot", "loved “x”",
		"Loved “x” a lot", "I Loved “x”", "Loved “x”.", "Loved “this” and “that”", `Loved "this" and "that"`,
		"Reacted badly to “x”", "Reacted to “x”", "Reacted Ivan to “x”", "Reacted Иван to “x”", "Reacted 日 to “x”",
		"Reacted 🔥 Ivan to “x”", "Reacted 🔥🔥 to “x”", "Reacted 5 to “x”", "Removed a banana from “x”",
		"Reacted 🔥\u200d to “x”", "Reacted with a smile to “x”", "Liked “x’", "Gefällt mir das Angebot", "„Hallo“", "對「x」",
		"「x」按讚", "🔥🔥🔥", "🔥 aus Berlin", "5 stars", "1️⃣", "STOP", "Love “x”",
		"\u200a\u200bIvan\u200b to “\u200ax\u200a”\u200a", "\u200a\u200b👍 to “\u200ax\u200a”\u200a",
		"\u200a\u200b👍\u200b to “x”\u200a", "\u200a\u200b👍\u200c to “\u200ax\u200a”\u200a",
		"\u200acall 5551234 \u200b👍\u200b to “\u200ax\u200a”\u200a",
		"\u200a\u200b👍\u200b to “\u200ax\u200a” and call me on my other number which you know, the one from then\u200a",
		"hair\u200a",
	} {
		if got, ok := ParseReaction(text); ok {
			t.Errorf("ParseReaction(%+q) = %+q, want none", text, got)
		}
	}
}

// TestReactionForms writes every form of every language with every pair of quotation marks, and reads it back.
func TestReactionForms(t *testing.T) {
	for _, l := range reactionForms() {
		for _, f := range l.forms {
			for _, marks := range []string{"“”", "„“", "„”", "«»", "»«", "「」", "『』", `""`, "‘’", "””"} {
				m := []rune(marks)
				text := strings.Replace(f, "%e", "👍🏽", 1)
				before, after, _ := strings.Cut(text, "%s")
				before, after = before+string(m[0]), string(m[1])+after
				const quote = "Hi 5 “you” there"
				got, ok := ParseReaction(before + quote + after)
				if want := (ReactionParts{before, quote, after}); !ok || got != want {
					t.Errorf("ParseReaction(%+q) = %+q, %v", before+quote+after, got, ok)
				}
			}
			for _, o := range l.objects {
				text := strings.NewReplacer("%e", "🔥", "%s", o).Replace(f)
				if got, ok := ParseReaction(text); !ok || got.Quote != "" || got.Before+got.After != text {
					t.Errorf("ParseReaction(%q) = %+q, %v", text, got, ok)
				}
			}
		}
	}
}

func TestReactionWords(t *testing.T) {
	words := ReactionWords()
	for _, w := range []string{"loved", "image", "hinzugefügt", "понравилось", "adore", "j", "按讚"} {
		if !slices.Contains(words, w) {
			t.Errorf("ReactionWords lacks %q", w)
		}
	}
	if !slices.IsSorted(words) || slices.Contains(words, "s") || slices.Contains(words, "e") {
		t.Error("ReactionWords is out of order, or holds placeholders")
	}
}

func FuzzParseReaction(f *testing.F) {
	for _, s := range []string{
		"Loved “See you there”", "Reacted 🔥 to “x…”", "Loved an image", "\u200a\u200b👍\u200b to “\u200ax\u200a”\u200a",
		"\u200aRemoved \u200c👍\u200c from “\u200ax\u200a”\u200a", "對「x」做出 👍 反應", "„x“ ein Herz hinzugefügt",
		" Liked \"a\" ", "A ajouté un «\u00a0J’adore\u00a0» à «\u00a0x\u00a0».", "Loved “\xff”", "🔥 aus „“ entfernt",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := ParseReaction(text)
		if !ok {
			if p != (ReactionParts{}) {
				t.Fatalf("ParseReaction(%+q) = %+q, though there is none", text, p)
			}
			return
		}
		if p.Before+p.Quote+p.After != text {
			t.Fatalf("ParseReaction(%+q) = %+q, which do not make the text", text, p)
		}
		// What is outside the quote is fixed: no digits but a keycap's.
		if strings.ContainsFunc(strings.ReplaceAll(p.Before+p.After, "\u20e3", ""), unicode.IsDigit) && !strings.Contains(text, "\u20e3") {
			t.Fatalf("ParseReaction(%+q) = %+q has digits outside the quote", text, p)
		}
		// Another quote in the same place is a reaction with that quote.
		if p.Quote != "" {
			again, ok := ParseReaction(p.Before + "words" + p.After)
			if !ok || again != (ReactionParts{p.Before, "words", p.After}) {
				t.Fatalf("ParseReaction(%+q) = %+q, %v", p.Before+"words"+p.After, again, ok)
			}
		}
	})
}

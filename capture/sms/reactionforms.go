package sms

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// language is how iPhones set to one language word their reactions. In a form, %s is the quote with its marks, or one
// of the objects, and %e an emoji. A ’ also stands for ', and U+00A0 also for U+0020 and U+202F.
type language struct {
	objects []string
	forms   []string
}

// reactionForms are the sentences that iPhones write: the six classic reactions added and taken back, and, since
// iOS 18, any emoji and stickers. Apple does not publish them; these were seen in messages, or collected by the
// authors of messaging apps, and are not complete for any language but English.
func reactionForms() []language {
	return []language{
		{ // English
			objects: []string{
				"an image", "a movie", "an attachment", "a sticker", "an audio message", "a photo", "a video", "a link",
				"a contact", "a location",
			},
			forms: []string{
				"Loved %s", "Liked %s", "Disliked %s", "Laughed at %s", "Emphasized %s", "Emphasised %s", "Questioned %s",
				"Removed a heart from %s", "Removed a like from %s", "Removed a dislike from %s", "Removed a laugh from %s",
				"Removed an exclamation from %s", "Removed a question mark from %s",
				"Reacted %e to %s", "Removed %e from %s", "Reacted with a sticker to %s", "Removed a sticker from %s",
			},
		},
		{ // German
			forms: []string{
				"%s ein Herz hinzugefügt", "Herz von %s entfernt",
				"Gefällt: %s", "„Gefällt mir“ von %s entfernt", "Gefällt nicht: %s", "„Gefällt mir nicht“ von %s entfernt",
				"%s ein Lachen hinzugefügt", "Lachen von %s entfernt",
				"%s ein Ausrufezeichen hinzugefügt", "Ausrufezeichen von %s entfernt",
				"%s ein Fragezeichen hinzugefügt", "Fragezeichen von %s entfernt",
				"Hat mit %e auf %s reagiert", "%e aus %s entfernt", "Entfernte %e aus %s",
			},
		},
		{ // French
			forms: french(),
		},
		{ // Spanish
			objects: []string{"una imagen"},
			forms: []string{
				"Le encanta %s", "Le encantó %s", "Ya no le encanta %s",
				"Le gusta %s", "Le Gusta %s", "Le gustó %s", "Ya no le gusta %s",
				"No le gusta %s", "No le gustó %s", "Ya no le disgusta %s",
				"Le hace gracia %s", "Le dio risa %s", "Ya no le hace gracia %s",
				"Le sorprende %s", "Exclamó por %s", "Ya no le sorprende %s",
				"Duda sobre %s", "Dudó sobre %s", "Ya no duda sobre %s",
				"Se ha reaccionado con %e a %s", "Reaccionó con %e a %s", "Ha eliminado %e de %s", "Ha eliminado %e de %s.",
			},
		},
		{ // Italian
			forms: []string{
				"Ha aggiunto un cuoricino a %s", "Ha rimosso il cuoricino da %s",
				"Ha aggiunto “Mi piace” a %s", "Ha rimosso “Mi piace” da %s",
				"Ha aggiunto “Non mi piace” a %s", "Ha rimosso “Non mi piace” da %s",
				"Trova divertente %s", "Non trova più divertente %s",
				"Ha aggiunto i punti esclamativi a %s", "Ha rimosso i punti esclamativi da %s",
				"Ha aggiunto il punto interrogativo a %s", "Ha rimosso il punto interrogativo da %s",
				"Ha reagito con %e a %s", "Ha rimosso %e da %s",
			},
		},
		{ // Dutch
			forms: []string{
				"Gaf een hartje aan %s", "Verwijderde een hartje van %s",
				"Vond %s leuk", "Verwijderde een duim omhoog van %s", "Vond %s niet leuk", "Verwijderde een duim omlaag van %s",
				"Lachte om %s", "Verwijderde een lach van %s", "Benadrukte %s", "Verwijderde een uitroepteken van %s",
				"Zette een vraagteken bij %s", "Verwijderde een vraagteken van %s",
				"Reageerde met %e op %s", "Verwijderde %e uit %s",
			},
		},
		{ // Danish
			forms: []string{
				"Føjede et hjerte til %s", "Fjernede et hjerte fra %s", "Syntes om %s", "Fjernede et synes om fra %s",
				"Syntes ikke om %s", "Fjernede et synes ikke om fra %s", "Grinede af %s", "Fjernede et grin fra %s",
				"Føjede udråbstegn til %s", "Fjernede et udråbstegn fra %s",
				"Føjede et spørgsmålstegn til %s", "Fjernede et spørgsmålstegn fra %s",
				"Reagerede med %e på %s", "Fjernede %e fra %s",
			},
		},
		{ // Norwegian
			forms: []string{
				"Satte et hjerte ved %s", "Fjernet et hjerte fra %s", "Likte %s", "Liker ikke lenger %s",
				"Mislikte %s", "Misliker ikke lenger %s", "Lo av %s", "Fjernet latter fra %s",
				"Satte utropstegn ved %s", "Fjernet et utropstegn fra %s",
				"Satte spørsmålstegn ved %s", "Fjernet et spørsmålstegn fra %s",
				"Reagerte med %e på %s", "Fjernet %e fra %s",
			},
		},
		{ // Swedish
			forms: []string{
				"Gav ett hjärta till %s", "Tog bort ett hjärta från %s", "Gillade %s", "Tog bort ett gillande från %s",
				"Ogillade %s", "Tog bort ett ogillande från %s", "Skrattade åt %s", "Tog bort ett skratt från %s",
				"Betonade %s", "Tog bort utropstecken från %s",
				"Satte ett frågetecken på %s", "Tog bort ett frågetecken från %s",
				"Reagerade med %e på %s", "reagerade med %e på %s", "Tog bort %e från %s",
			},
		},
		{ // Czech
			forms: []string{
				"Milovaný %s", "Odstraněno srdce z %s", "Líbilo se %s", "Odebrán lajk z %s",
				"Nelíbí se %s", "Odstraněno nelíbí se z %s", "Smál se %s", "Odstranil jsem smích z %s",
				"Zdůrazněno %s", "Odstranil jsem vykřičník z %s", "Otázka %s", "Odstraněn otazník z %s",
				"Reagoval %e na %s", "Odstraněno %e z %s",
			},
		},
		{ // Polish
			forms: []string{
				"Pokochał %s", "Usunął serce z %s", "Polubił %s", "Usunął polubienie z %s",
				"Znielubił %s", "Usunął znielubienie z %s", "Zaśmiał się z %s", "Usunął śmiech z %s",
				"Podkreślił %s", "Usunął okrzyk z %s", "Zakwestionował %s", "Usunął znak zapytania z %s",
				"Zareagował %e na %s", "Usunął %e z %s",
			},
		},
		{ // Hungarian
			forms: []string{
				"szívecske erre: %s", "szívecske eltávolítva erről: %s", "kedveli: %s", "kedvelés eltávolítva erről: %s",
				"nem kedveli: %s", "nem kedvelés eltávolítva erről: %s", "nevetett rajta: %s", "nevetés eltávolítva erről: %s",
				"kiemelte: %s", "kiemelés eltávolítva erről: %s", "kérdezte: %s", "kérdőjel eltávolítva erről: %s",
				"%e reagált erre: %s", "%e eltávolítva innen: %s",
			},
		},
		{ // Russian
			forms: []string{
				"Очень понравилось %s", "Понравилось %s", "Не понравилось %s", "Посмеялись над %s", "Отмечено %s",
				"Поставлен вопрос на %s",
			},
		},
		{ // Bulgarian
			forms: []string{"Харесано %s", "Реакция %e към %s", "Премахнато %e от %s"},
		},
		{ // Vietnamese
			forms: []string{
				"Đã yêu thích %s", "Đã bỏ tim khỏi %s", "Đã thích %s", "Đã bỏ thích khỏi %s",
				"Đã không thích %s", "Đã bỏ không thích khỏi %s", "Đã cười với %s", "Đã bỏ phản ứng cười khỏi %s",
				"Đã nhấn mạnh %s", "Đã bỏ nhấn mạnh khỏi %s", "Đã đặt dấu hỏi cho %s", "Đã bỏ dấu hỏi khỏi %s",
				"Đã phản ứng %e với %s", "Đã xóa %e khỏi %s",
			},
		},
		{ // Traditional Chinese
			forms: []string{
				"對%s表達喜愛", "已移除對%s的愛心", "對%s按讚", "已移除對%s的讚", "對%s按倒讚", "已移除對%s的倒讚",
				"對%s大笑", "已移除對%s的笑臉反應", "對%s加上驚嘆標記", "已移除對%s的驚嘆標記",
				"對%s加上問號標記", "已移除對%s的問號標記", "對%s做出 %e 反應", "已移除對%s的 %e 反應",
			},
		},
		{ // Japanese and Korean
			forms: []string{
				"%sに%eでリアクションしました", "%sに\u200a%e\u200aでリアクションしました", "%s에서 %e 표시 제거함",
			},
		},
	}
}

// french lists the French forms: three generations of wording, the first two with either case of their first letter.
func french() []string {
	forms := []string{
		"Aimé %s", "N’aime pas %s", "A ri a %s", "Gras %s", "Interrogation %s", "A adoré %s", "N’a pas aimé %s",
		"A supprimé un cœur depuis %s", "A supprimé un rire depuis %s",
		"A supprimé un point d’exclamation depuis %s", "A supprimé un point d’interrogation depuis %s",
		"A supprimé un «\u00a0j’aime\u00a0» depuis %s", "A supprimé un «\u00a0je n’aime pas\u00a0» depuis %s",
	}
	lower := []string{
		"a réagi avec %e à %s", "a retiré %e de %s", "a attribué la mention «\u00a0%e\u00a0» à %s", "a retiré la mention «\u00a0%e\u00a0» de %s",
		"a ajouté un rire à %s", "a retiré son rire de %s",
		"a ajouté des points d’exclamation à %s", "a retiré ses points d’exclamation de %s",
		"a ajouté un point d’interrogation à %s", "a retiré son point d’interrogation de %s",
	}
	for _, name := range []string{"J’adore", "Adore", "J’aime", "Je n’aime pas"} {
		lower = append(lower, "a ajouté un «\u00a0"+name+"\u00a0» à %s", "a retiré son «\u00a0"+name+"\u00a0» de %s",
			"a attribué la mention «\u00a0"+name+"\u00a0» à %s", "a retiré la mention «\u00a0"+name+"\u00a0» de %s")
	}
	for _, f := range lower {
		forms = append(forms, f, f+".", "A"+f[1:], "A"+f[1:]+".")
	}
	return forms
}

// formIndex holds the compiled forms: by the first byte of those that begin with a word, and the rest, which begin
// with a quote or an emoji. It is compiled when the first text is looked at.
var formIndex = sync.OnceValue(compileForms)

type formTable struct {
	byFirst [256][]form
	open    []form
}

func compileForms() *formTable {
	t := new(formTable)
	for _, l := range reactionForms() {
		for _, text := range l.forms {
			for _, v := range spellings(text) {
				f := compileForm(v, l.objects)
				if f.before == "" {
					t.open = append(t.open, f)
				} else {
					t.byFirst[f.before[0]] = append(t.byFirst[f.before[0]], f)
				}
			}
		}
	}
	return t
}

// spellings lists the ways in which a form is written: apostrophes curly or straight, spaces of each kind that
// French sets beside its quotation marks.
func spellings(text string) []string {
	all := []string{text}
	if strings.ContainsRune(text, '’') {
		all = append(all, strings.ReplaceAll(text, "’", "'"))
	}
	if strings.ContainsRune(text, '\u00a0') {
		for _, v := range all[:len(all):len(all)] {
			all = append(all, strings.ReplaceAll(v, "\u00a0", " "), strings.ReplaceAll(v, "\u00a0", "\u202f"))
		}
	}
	return all
}

// compileForm takes a form apart at its placeholders.
func compileForm(text string, objects []string) form {
	before, after, ok := strings.Cut(text, "%s")
	if !ok {
		panic("sms: internal error: a reaction form without a quote")
	}
	f := form{before: before, after: after, objects: objects}
	if word, mid, ok := strings.Cut(before, "%e"); ok {
		f.before, f.mid, f.emojiFirst = word, mid, true
	} else if mid, last, ok := strings.Cut(after, "%e"); ok {
		f.mid, f.after, f.emojiLast = mid, last, true
	}
	return f
}

// ReactionWords returns, in lower case and in order, every word that the iPhone's reactions are made of: words that
// may stand outside the quote of a text that ParseReaction takes. Those around Google's reactions are not listed: any
// language may be among them.
func ReactionWords() []string {
	seen := make(map[string]struct{})
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }
	for _, l := range reactionForms() {
		for _, text := range slices.Concat(l.objects, l.forms) {
			text = strings.NewReplacer("%s", " ", "%e", " ").Replace(text)
			for word := range strings.FieldsFuncSeq(strings.ToLower(text), notLetter) {
				seen[word] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

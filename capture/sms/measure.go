package sms

import "unicode/utf8"

// Encoding is how the text of an SMS is sent.
type Encoding uint8

// The encodings. A text with one character that GSM 7-bit does not have is UCS-2 as a whole.
const (
	GSM7 Encoding = iota // 3GPP TS 23.038 default alphabet with its extension table: 7 bits a character
	UCS2                 // UTF-16: 16 bits a code unit
)

// String returns "GSM-7" or "UCS-2".
func (e Encoding) String() string {
	if e == GSM7 {
		return "GSM-7"
	}
	return "UCS-2"
}

// Size is what a text takes on the air.
type Size struct {
	Encoding Encoding
	// Units counts septets for GSM-7, an extension character being two, and UTF-16 code units for UCS-2.
	Units int
	// Parts counts the messages it is sent in, at least 1.
	Parts int
}

// The units that one message holds alone and as part of several, where a 6-byte header takes room.
const (
	gsmSingle, gsmPart = 160, 153
	ucsSingle, ucsPart = 70, 67
)

// Measure says how text is encoded and how many parts it takes. An extension character's two septets and the two
// halves of a surrogate pair are never split between parts. A byte that is not UTF-8 counts as U+FFFD.
func Measure(text string) Size {
	c := counter{limit: gsmPart}
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			septets := int(gsmASCII[b])
			if septets == 0 {
				return measureUCS2(text)
			}
			c.add(septets)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		septets := gsmSeptets(r)
		if septets == 0 {
			return measureUCS2(text)
		}
		c.add(septets)
		i += size
	}
	return c.size(GSM7, gsmSingle)
}

func measureUCS2(text string) Size {
	c := counter{limit: ucsPart}
	for _, r := range text {
		if r >= 0x10000 {
			c.add(2)
		} else {
			c.add(1)
		}
	}
	return c.size(UCS2, ucsSingle)
}

// counter fills parts of limit units one after another.
type counter struct{ limit, units, full, inPart int }

// add puts a character of n units into the current part, or into the next where it does not fit.
func (c *counter) add(n int) {
	c.units += n
	c.inPart += n
	if c.inPart > c.limit {
		c.full++
		c.inPart = n
	}
}

func (c *counter) size(e Encoding, single int) Size {
	parts := 1
	if c.units > single {
		parts = c.full + 1
	}
	return Size{Encoding: e, Units: c.units, Parts: parts}
}

package render

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"reprise/capture"
	"reprise/capture/corpus"
	"reprise/replay"
	"reprise/replay/pace"
)

// manyAlike is a corpus of columns in which each record of another one comes a hundred times, with other digits.
func manyAlike(t testing.TB, name string) []byte {
	return multiplied(t, "../../fixtures/testdata/"+name+".rpz", 100, otherDigits)
}

// otherDigits changes digits of a record's body.
func otherDigits(i int, r *capture.Record) {
	for k := range r.Body {
		if c := r.Body[k]; c >= '1' && c <= '9' && (i+k)%5 == 0 && !(k > 0 && r.Body[k-1] == '%') && !(k > 1 && r.Body[k-2] == '%') {
			r.Body[k] = '1' + byte((int(c-'1')+i)%9)
		}
	}
}

// BenchmarkPlans reads and renders corpora of columns, by the templates of their records and without: a request an iteration.
func BenchmarkPlans(b *testing.B) {
	for _, of := range []struct {
		corpus, name string
		o            Options
	}{
		{"mixed", "ids", Options{}},
		{"mixed", "signed", Options{Sign: planKeys()}},
		{"twilio", "ids", Options{}},
		{"twilio", "signed", Options{Sign: planKeys()}},
		{"telnyx", "signed", Options{Sign: planKeys()}},
		{"plivo", "signed", Options{Sign: planKeys()}},
		{"bandwidth", "signed", Options{Sign: planKeys()}},
		{"vonage", "signed", Options{Sign: planKeys()}},
		{"shopify", "signed", Options{Sign: planKeys()}},
	} {
		file := manyAlike(b, of.corpus)
		for _, cut := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s %s by template %v", of.corpus, of.name, cut), func(b *testing.B) {
				r := renderer(b, of.o)
				var in *corpus.Reader
				var q replay.Request
				var rec capture.Record
				b.ReportAllocs()
				for b.Loop() {
					for in == nil || in.Next(b.Context(), &rec) != nil {
						if in != nil {
							in.Close()
						}
						var err error
						if in, err = corpus.NewReader(bytes.NewReader(file)); err != nil {
							b.Fatal(err)
						}
						if cut {
							in.Cut()
						}
					}
					if err := r.Render(&rec, pace.Play{Seq: rec.Seq}, rec.Time, &q); err != nil {
						b.Fatal(err)
					}
				}
				in.Close()
			})
		}
	}
}

// BenchmarkRefreshPlanned has finished requests tell another moment, in their places and made anew: a request an iteration.
func BenchmarkRefreshPlanned(b *testing.B) {
	for _, name := range []string{"telnyx", "bandwidth"} {
		for _, placed := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s in place %v", name, placed), func(b *testing.B) {
				in, err := corpus.NewReader(bytes.NewReader(manyAlike(b, name)))
				if err != nil {
					b.Fatal(err)
				}
				defer in.Close()
				in.Cut()
				r := renderer(b, Options{Sign: planKeys(), Restamp: true})
				var q replay.Request
				var rec capture.Record
				for range 100 { // a template has its plan then
					if err := in.Next(b.Context(), &rec); err != nil {
						b.Fatal(err)
					}
					q.Vendor, q.Kind = rec.Vendor, rec.Kind
					if err := r.Render(&rec, pace.Play{Seq: rec.Seq}, rec.Time, &q); err != nil {
						b.Fatal(err)
					}
				}
				at := q.Stamped
				b.ReportAllocs()
				for b.Loop() {
					if !placed {
						q.Made.By = nil
					}
					at = at.Add(time.Second)
					r.Refresh(&q, at)
				}
			})
		}
	}
}

// FuzzPlans puts bytes into one body among many that are alike, as the value of a field and in place of others.
func FuzzPlans(f *testing.F) {
	for _, value := range []string{"hello", "a&MessageSid=SM00000000000000000000000000000001", `x","id":"y`, `\`, `\u00`, "", "null", "1e5", "%2B1+x", "{", "="} {
		f.Add([]byte(value), false, uint8(3))
		f.Add([]byte(value), true, uint8(90))
	}
	f.Fuzz(func(t *testing.T, value []byte, json bool, at uint8) {
		var out bytes.Buffer
		w, err := corpus.NewWriter(&out, corpus.Header{State: corpus.Raw})
		if err != nil {
			t.Fatal(err)
		}
		w.Columns()
		for i := range 48 {
			r := twilioRecord(i, fmt.Sprintf("+1415555%04d", i), "+12125550000").Clone()
			if json {
				r = telnyxRecord().Clone()
			}
			r.Time = now().Add(0)
			text := []byte(fmt.Sprint("t", i*7919))
			if i%4 == 3 {
				text = value
			}
			if json {
				r.Body = bytes.Replace(r.Body, []byte(`{`), append(append([]byte(`{"note":"`), text...), `",`...), 1)
			} else {
				r.Body = append(append(r.Body, "&Note="...), text...)
			}
			if i%8 == 7 && len(value) > 0 {
				k := int(at) % len(r.Body)
				r.Body = append(append(r.Body[:k:k], value...), r.Body[min(k+len(value), len(r.Body)):]...)
			}
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{}, {Sign: planKeys()}, {Restamp: true, Recipients: map[string]string{"+12125550000": "+12025550100"}}} {
			o.HashKey = [16]byte{1}
			bothWays(t, "made of bytes", out.Bytes(), o)
		}
	})
}

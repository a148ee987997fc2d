package columns

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"reprise/capture"
)

// TestNamesCollide has columns whose names are those that second columns of a name get.
func TestNamesCollide(t *testing.T) {
	form := capture.Header{Name: "content-type", Value: formType}
	for name, r := range map[string]capture.Record{
		"form":          record(0, "a=1&a=2&a%001=3", form),
		"formraw":       record(0, "a=1&a=2&a\x001=3", form),
		"json":          record(0, `{"a":1,"a":2,"a\u00001":3}`),
		"jsonraw":       record(0, "{\"a\":1,\"a\":2,\"a\x001\":3}"),
		"header":        record(0, "x", capture.Header{Name: "a", Value: "1"}, capture.Header{Name: "A", Value: "2"}, capture.Header{Name: "a\x001", Value: "3"}),
		"headerfirst":   record(0, "x", capture.Header{Name: "a\x001", Value: "3"}, capture.Header{Name: "a", Value: "1"}, capture.Header{Name: "A", Value: "2"}),
		"query":         func() capture.Record { r := record(0, ""); r.URL = "/a?a=1&a=2&a%001=3"; return r }(),
		"name template": record(0, `{"\u0000template":1}`),
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := pack(t, NewEncoder(), []capture.Record{r}, nil)
			check(t, p, []capture.Record{r})
			p, _ = pack(t, NewEncoder(), []capture.Record{r, r, r}, nil)
			check(t, p, []capture.Record{r, r, r})
		})
	}
}

// TestCutFollowsFromNumber has texts that are the number a message was sent to, which is nowhere else: they are made after ids are.
func TestCutFollowsFromNumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	list := make([]capture.Record, 60)
	for i := range list {
		r := record(i, "x")
		r.Message.ID, r.Message.From, r.Message.To = fmt.Sprintf("%016x", rng.Uint64()), fmt.Sprint(rng.Uint32()), fmt.Sprint(rng.Uint32())
		r.Message.Text = r.Message.To
		list[i] = r
	}
	p, _ := pack(t, NewEncoder(), list, nil)
	check(t, p, list)
}

// TestRandomRecords packs records of forms, JSON and other texts whose values, keys and headers are drawn from odd ones, some of which follow
// from others. RANDOM_RECORDS=n tries n draws.
func TestRandomRecords(t *testing.T) {
	draws, _ := strconv.Atoi(os.Getenv("RANDOM_RECORDS"))
	least := 150
	if testing.Short() { // one goroutine
		least = 10
	}
	for seed := range uint64(max(draws, least)) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { randomRecords(t, seed) }) // which gives its decoders' memory back
	}
}

func randomRecords(t *testing.T, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	// pools
	pool := func(n int) []string {
		var l []string
		for range n {
			switch rng.IntN(14) {
			case 0:
				l = append(l, fmt.Sprintf("%d", rng.Uint64()>>rng.IntN(64)))
			case 1:
				l = append(l, fmt.Sprintf("+1415%07d", rng.IntN(9999999)))
			case 2:
				l = append(l, fmt.Sprintf("%016x%016x", rng.Uint64(), rng.Uint64()))
			case 3:
				l = append(l, fmt.Sprintf("%08X-%04x-4%03x-%x%03x-%012x", rng.Uint32(), rng.IntN(1<<16), rng.IntN(1<<12), 8+rng.IntN(4), rng.IntN(1<<12), rng.Uint64N(1<<48)))
			case 4:
				l = append(l, fmt.Sprintf("%08x-%04x-4%03x-%x%03x-%012x", rng.Uint32(), rng.IntN(1<<16), rng.IntN(1<<12), 8+rng.IntN(4), rng.IntN(1<<12), rng.Uint64N(1<<48)))
			case 5:
				l = append(l, "")
			case 6:
				l = append(l, []string{"a b c", "x\x00y", "\xff\xfe\x00a", "\"q\"", "\\", "%zz", "&", "=", "é😀", "null", "true", "-0", "1e999", "00012", "{\"a\":\"b\"}", "[1,2]", "+", " ", "\ud7ff", "\r\n"}[rng.IntN(20)])
			case 7:
				l = append(l, fmt.Sprintf("2025-01-%02dT%02d:%02d:%02dZ", rng.IntN(30), rng.IntN(24), rng.IntN(60), rng.IntN(60)))
			case 8:
				l = append(l, strings.Repeat("x", rng.IntN(100)))
			case 9:
				l = append(l, fmt.Sprintf("%0*d", rng.IntN(22), rng.IntN(100)))
			case 10:
				l = append(l, []string{"QUJDREVGR0hJSktMTU4=", "QUJDREVGR0hJSktMTU5=", "QUJDREVGR0hJSktMTU==", "QUJDREVGR0hJSktMTU5P"}[rng.IntN(4)])
			case 11:
				l = append(l, fmt.Sprintf("k%d", rng.IntN(5)))
			case 12:
				l = append(l, fmt.Sprintf("SM%032x", rng.Uint64()))
			case 13:
				b := make([]byte, rng.IntN(12))
				for i := range b {
					b[i] = byte(rng.Uint32())
				}
				l = append(l, string(b))
			}
		}
		return l
	}
	nf := 1 + rng.IntN(6)
	names := pool(nf)
	base := []string{"a", "b", "From", "a", "a\x001", "a%001", "", "a.b", "a[]", "a[0]", "Body"}
	for i := range names {
		if rng.IntN(3) > 0 {
			names[i] = base[rng.IntN(len(base))]
		}
	}
	homog := rng.IntN(3) > 0 // each field of one kind
	pools := make([][]string, nf)
	for i := range pools {
		p := pool(1 + rng.IntN(60))
		if homog {
			g := rng.IntN(6)
			for k := range p {
				switch g {
				case 0:
					p[k] = fmt.Sprintf("+1415%07d", rng.IntN(9999))
				case 1:
					p[k] = fmt.Sprintf("%d", rng.IntN(1000))
				case 2:
					p[k] = fmt.Sprintf("%016x", rng.Uint64())
				case 3:
					p[k] = fmt.Sprintf("AC%d-%d/%d", rng.IntN(10), rng.IntN(100), rng.IntN(100000))
				}
			}
		}
		pools[i] = p
	}
	linked := rng.IntN(2) == 0
	enc := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			c := s[i]
			switch {
			case c == ' ':
				b.WriteByte('+')
			case c < 33 || c == '&' || c == '=' || c == '%' || c == '+' || c > 126:
				fmt.Fprintf(&b, "%%%02X", c)
			default:
				b.WriteByte(c)
			}
		}
		return b.String()
	}
	var list []capture.Record
	at := epoch
	n := 1 + rng.IntN(400)
	forms := rng.IntN(4)
	for range n {
		r := capture.Record{Time: at, Method: "POST", URL: "/x", Vendor: []string{"", "v"}[rng.IntN(2)]}
		main := rng.IntN(1 << 20)
		vals := make([]string, nf)
		for i := range vals {
			if linked && rng.IntN(60) > 0 {
				vals[i] = pools[i][main%len(pools[i])]
			} else {
				vals[i] = pools[i][rng.IntN(len(pools[i]))]
			}
		}
		kind := forms
		if kind == 3 {
			kind = rng.IntN(3)
		}
		var b strings.Builder
		drop := -1
		if rng.IntN(4) == 0 {
			drop = rng.IntN(nf)
		}
		switch kind {
		case 0:
			for i := range vals {
				if i == drop {
					continue
				}
				if b.Len() > 0 {
					b.WriteByte('&')
				}
				if rng.IntN(100) == 0 {
					b.WriteByte('&')
				}
				b.WriteString(names[i])
				b.WriteByte('=')
				if rng.IntN(200) == 0 {
					b.WriteString(vals[i])
				} else {
					b.WriteString(enc(vals[i]))
				}
			}
			r.Headers = append(r.Headers, capture.Header{Name: "Content-Type", Value: formType})
		case 1:
			b.WriteByte('{')
			first := true
			for i := range vals {
				if i == drop {
					continue
				}
				if !first {
					b.WriteByte(',')
				}
				first = false
				fmt.Fprintf(&b, "%q:", names[i])
				switch rng.IntN(3) {
				case 0:
					fmt.Fprintf(&b, "%q", vals[i])
				case 1:
					if _, err := strconv.ParseFloat(vals[i], 64); err == nil {
						b.WriteString(vals[i])
					} else {
						fmt.Fprintf(&b, "\"%s\"", vals[i])
					}
				default:
					fmt.Fprintf(&b, "{\"z\":%s}", strconv.Quote(vals[i]))
				}
			}
			b.WriteByte('}')
			if rng.IntN(50) == 0 {
				b.WriteString("trailing")
			}
		case 2:
			b.WriteString(strings.Join(vals, "|"))
		}
		r.Body = []byte(b.String())
		if rng.IntN(3) == 0 {
			r.URL = "/x?" + names[0] + "=" + enc(vals[0]) + "&q=" + enc(vals[nf-1])
		}
		for i := range vals {
			if rng.IntN(2) == 0 && i < 2 {
				r.Headers = append(r.Headers, capture.Header{Name: []string{"X", "x", "X-" + names[i], "xx"}[rng.IntN(4)], Value: vals[i]})
			}
		}
		if rng.IntN(2) == 0 {
			r.Headers = append(r.Headers, capture.Header{Name: "Content-Length", Value: fmt.Sprint(len(r.Body))})
		}
		v := func() string {
			if rng.IntN(3) == 0 {
				return ""
			}
			return vals[rng.IntN(nf)]
		}
		if rng.IntN(3) > 0 {
			r.Message = capture.Message{From: vals[0], To: vals[nf-1], ID: v(), Text: v()}
			if rng.IntN(4) == 0 {
				r.Message.From = ""
			}
		}
		r.Kind, r.Origin = capture.Kind(rng.IntN(9)), capture.Origin(rng.IntN(3))
		if rng.IntN(10) == 0 {
			r.Response = capture.Response{Status: rng.IntN(1 << 16), Latency: time.Duration(rng.Uint64())}
		}
		at = at.Add(time.Duration(rng.IntN(2) * rng.IntN(1<<30)))
		list = append(list, r)
	}
	e := NewEncoder()
	p, l := pack(t, e, list, nil)
	check(t, p, list)
	e.Reset()
	p, _ = pack(t, e, list, l)
	check(t, p, list)
}

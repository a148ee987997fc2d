package columns

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"reprise/capture"
)

// unknown makes records of JSON that no dialect knows: objects in objects, arrays of differing length, keys that may be missing, ids of
// several kinds, times as text and as numbers, and texts. Of an order's lines, up to most, wild in a hundred have a size.
func unknown(n, wild, most int) (list []capture.Record) {
	rng := rand.New(rand.NewPCG(7, 7))
	words := strings.Fields("order parcel is late please call me back the driver left it at the door of number thanks again for your help when will it come we waited all day nobody rang blue red size large small two pairs return refund card paid twice why")
	text := func(most int) string {
		var w []string
		for range 1 + rng.IntN(most) {
			w = append(w, words[min(rng.IntN(len(words)), rng.IntN(len(words)))])
		}
		return strings.Join(w, " ")
	}
	uuid := func() string {
		return fmt.Sprintf("%08x-%04x-4%03x-%x%03x-%012x", rng.Uint32(), rng.IntN(1<<16), rng.IntN(1<<12), 8+rng.IntN(4), rng.IntN(1<<12), rng.Uint64N(1<<48))
	}
	customers := make([]string, 900)
	for i := range customers {
		customers[i] = fmt.Sprintf("cus_%08X%06x", rng.Uint32(), rng.IntN(1<<24))
	}
	at := epoch
	for i := range n {
		at = at.Add(time.Duration(rng.ExpFloat64()*30_000) * time.Microsecond)
		made := at.Add(-time.Duration(5+rng.IntN(200)) * time.Millisecond)
		tags := make([]string, rng.IntN(4))
		for k := range tags {
			tags[k] = []string{"vip", "new", "returning", "wholesale", "test"}[rng.IntN(5)]
		}
		type line struct {
			SKU   string  `json:"sku"`
			Count int     `json:"count"`
			Price float64 `json:"price"`
			Size  string  `json:"size,omitempty"`
		}
		lines := make([]line, 1+rng.IntN(most))
		for k := range lines {
			lines[k] = line{fmt.Sprintf("SKU-%04d", rng.IntN(300)), 1 + rng.IntN(3), float64(rng.IntN(20_000)) / 100, ""}
			if rng.IntN(100) < wild {
				lines[k].Size = words[rng.IntN(4)]
			}
		}
		type address struct {
			City string `json:"city"`
			Zip  string `json:"zip,omitempty"`
		}
		customer := rng.IntN(len(customers))
		event := struct {
			ID      string `json:"id"`
			Type    string `json:"type"`
			Created string `json:"created_at"`
			Millis  int64  `json:"ts"`
			Data    struct {
				Order    string  `json:"order_id"`
				Customer string  `json:"customer"`
				Address  address `json:"address"`
				Lines    []line  `json:"lines"`
				Tags     []string
				Note     string `json:"note,omitempty"`
				Gift     *bool  `json:"gift,omitempty"`
			} `json:"data"`
			Request string `json:"request_id"`
		}{
			ID: fmt.Sprintf("evt_%d%06x", made.UnixMilli(), rng.IntN(1<<24)), Type: []string{"order.created", "order.paid", "order.sent"}[rng.IntN(3)],
			Created: made.Format("2006-01-02T15:04:05.000Z"), Millis: made.UnixMilli(), Request: uuid(),
		}
		event.Data.Order = fmt.Sprint(5_000_000 + i*3 + rng.IntN(3))
		event.Data.Customer, event.Data.Lines, event.Data.Tags = customers[customer], lines, tags
		event.Data.Address = address{City: fmt.Sprintf("City %d", customer%40), Zip: fmt.Sprintf("%05d", 10_000+customer%40*7)}
		if rng.IntN(3) == 0 {
			event.Data.Note = text(18)
		}
		if rng.IntN(5) == 0 {
			gift := rng.IntN(2) == 0
			event.Data.Gift = &gift
		}
		body, err := json.Marshal(event)
		if err != nil {
			panic(err)
		}
		r := capture.Record{
			Time: at.Truncate(time.Microsecond), Method: "POST", URL: "/events", Host: "hooks.example.com", Body: body,
			Headers: []capture.Header{
				{Name: "Host", Value: "hooks.example.com"},
				{Name: "Content-Type", Value: "application/json"},
				{Name: "Content-Length", Value: fmt.Sprint(len(body))},
				{Name: "X-Request-Id", Value: event.Request},
				{Name: "X-Signature", Value: fmt.Sprintf("t=%d,v1=%016x%016x%016x%016x", at.Unix(), rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64())},
			},
		}
		list = append(list, r)
	}
	return list
}

// TestUnknownJSON holds that JSON of which nothing is known is packed like any other: in 0.7 of what zstd -19 makes of the records as lines
// of JSON, which is 115 to 117 bytes a record here, and not in much more where there are more shapes than templates.
func TestUnknownJSON(t *testing.T) {
	for _, tc := range []struct{ wild, lines, most int }{{0, 4, 80}, {30, 4, 81}, {40, 9, 105}} {
		records := unknown(12_000, tc.wild, tc.lines)
		p, _ := pack(t, NewEncoder(), records, nil)
		check(t, p, records)
		if size := float64(len(p.payload)) / float64(len(records)); size > float64(tc.most) {
			t.Errorf("with a size in %d of 100 of up to %d lines: %.1f bytes a record, want %d at most", tc.wild, tc.lines, size, tc.most)
		}
	}
}

func TestArraysOf(t *testing.T) {
	for text, want := range map[string][]string{
		`{"a":[1,[2],{"b":[]}],"c":"[","d":[]}`: {`1,[2],{"b":[]}`, ""},
		`["\"]",3]`:                             {`"\"]",3`},
		`{"a":[1`:                               nil,
		`]`:                                     nil,
		``:                                      nil,
	} {
		var got []string
		for _, c := range arraysOf([]byte(text)) {
			got = append(got, text[c.from:c.to])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// unknownTraffic is JSON of a vendor that nobody knows: events of a shop, with nested objects, lists of any length, ids of several shapes, texts in
// several scripts, and keys that come and go.
type unknownTraffic struct {
	chance
	at       time.Time
	shops    []string
	products []string
	buyers   int
	sequence int
}

func newUnknownTraffic(seed uint64) *unknownTraffic {
	t := &unknownTraffic{chance: newChance(seed), at: time.Date(2025, 1, 2, 7, 4, 5, 0, time.UTC), buyers: 40_000, sequence: 88_120_431}
	for range 40 {
		t.shops = append(t.shops, "shop_"+t.hex(12))
	}
	for range 700 {
		t.products = append(t.products, t.text(2+t.IntN(3)))
	}
	return t
}

// field is a key and what it has, as JSON; a list of them keeps its order.
type field struct{ key, value string }

type object []field

func (o *object) put(key, value string) { *o = append(*o, field{key, value}) }

func (o object) String() string {
	var b strings.Builder
	for i, f := range o {
		b.WriteString(choose(i == 0, "{", ","))
		b.WriteString(strconv.Quote(f.key) + ":" + f.value)
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	return b.String() + "}"
}

func list(items []string) string { return "[" + strings.Join(items, ",") + "]" }

// quoted is a text as JSON; half of the shops escape what is not ASCII.
func quoted(s string, ascii bool) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("bench: internal error: a string is no JSON")
	}
	if !ascii {
		return string(b)
	}
	var out strings.Builder
	for _, r := range string(b) {
		switch {
		case r < 128:
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

func (t *unknownTraffic) next() madeRequest {
	gap := t.gap(11 * time.Millisecond)
	t.at = t.at.Add(gap)
	t.sequence += 1 + t.IntN(3)
	shop := t.often(len(t.shops))
	event := t.one("order.created", "order.updated", "order.updated", "refund.issued", "customer.note", "shipment.moved", "shipment.moved")
	data := t.order(shop)
	switch event {
	case "customer.note":
		data = t.note(shop)
	case "shipment.moved":
		data = t.shipment()
	case "refund.issued":
		data.put("refund", object{{"amount", t.amount()}, {"reason", quoted(t.one("damaged", "late", "other", "wrong size"), false)}}.String())
	}
	id := t.uuid()
	body := object{
		{"id", `"evt_` + t.hex(12) + `"`},
		{"event", `"` + event + `"`},
		{"shop", `"` + t.shops[shop] + `"`},
		{"sequence", strconv.Itoa(t.sequence)},
		{"created_at", t.stamp(0)},
		{"data", data.String()},
	}
	if shop%5 == 0 {
		body.put("meta", object{{"attempt", strconv.Itoa(1 + t.often(3))}, {"delivery", `"` + id + `"`}}.String())
	}
	return madeRequest{gap, "/hooks/" + t.shops[shop][5:13] + "/events", [][2]string{
		{"Content-Type", "application/json"},
		{"X-Shoply-Delivery", id},
		{"X-Shoply-Event", event},
		{"X-Shoply-Signature", "sha256=" + t.hex(32)},
		{"User-Agent", "Shoply-Hooks/3." + strconv.Itoa(shop%4)},
	}, body.String()}
}

func (t *unknownTraffic) stamp(before time.Duration) string {
	return t.at.Add(-before).Format(`"2006-01-02T15:04:05.000Z"`)
}

func (t *unknownTraffic) amount() string {
	return fmt.Sprintf("%d.%02d", 3+t.often(400), t.IntN(4)*25)
}

// order is what was bought; what a shop does not use it leaves out, or has as null.
func (t *unknownTraffic) order(shop int) (o object) {
	var items []string
	for range 1 + t.often(6) {
		n := t.often(len(t.products))
		item := object{{"sku", fmt.Sprintf(`"%04d-%s"`, n, t.one("S", "M", "L"))}, {"title", quoted(t.products[n], false)}, {"quantity", strconv.Itoa(1 + t.often(5))}, {"price", t.amount()}}
		if shop%3 == 1 {
			item.put("tags", list([]string{`"winter"`, `"` + wordAt(n%60) + `"`}))
		}
		items = append(items, item.String())
	}
	o.put("order_id", strconv.FormatInt(5_120_000_000_000+t.Int64N(40_000_000_000), 10))
	o.put("token", `"`+t.hex(16)+`"`)
	o.put("total", t.amount())
	o.put("currency", quoted([]string{"USD", "USD", "EUR", "GBP"}[shop%4], false))
	o.put("customer", t.customer(shop).String())
	o.put("items", list(items))
	if t.IntN(3) == 0 {
		o.put("note", choose(t.IntN(2) == 0, "null", quoted(t.text(3+t.often(25))+t.one("", "!", " 🙏", " für Grüße", " 谢谢"), shop%2 == 0)))
	}
	return o
}

func (t *unknownTraffic) customer(shop int) object {
	n := t.often(t.buyers)
	name := strings.ToUpper(wordAt(n % 997)[:1]) + wordAt(n % 997)[1:]
	c := object{{"id", strconv.Itoa(700_000 + n)}, {"name", quoted(name, false)}, {"email", quoted(fmt.Sprintf("%s.%d@example.org", wordAt(n%997), n), false)}}
	if n%4 == 0 {
		c.put("phone", fmt.Sprintf(`"+1%03d555%04d"`, 201+n%700, n%10_000))
	}
	if shop%2 == 1 {
		c.put("address", object{{"line", quoted(fmt.Sprintf("%d %s street", n%300, wordAt(n%450)), false)}, {"zip", fmt.Sprintf(`"%05d"`, n%90_000)}, {"geo", fmt.Sprintf("[%.4f,%.4f]", float64(n%180)/2, float64(n%360)/3)}}.String())
	}
	return c
}

func (t *unknownTraffic) note(shop int) object {
	return object{{"customer", t.customer(shop).String()}, {"text", quoted(t.text(4+t.often(40)), shop%2 == 0)}, {"seen", t.one("true", "false")}}
}

func (t *unknownTraffic) shipment() object {
	return object{
		{"tracking", fmt.Sprintf(`"1Z%08d%06d"`, t.IntN(100_000_000), t.IntN(1_000_000))},
		{"carrier", t.one(`"ups"`, `"dhl"`, `"post"`)},
		{"weight", fmt.Sprintf("%.3e", float64(1+t.IntN(9_000)))},
		{"history", list([]string{t.stamp(26 * time.Hour), t.stamp(3 * time.Hour)})},
		{"delivered", t.one("true", "false", "null")},
	}
}

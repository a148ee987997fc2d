package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"reprise/capture/wording"
	"reprise/replay/cause"
)

// rulePhrase says which requests a rule is of, to stand behind the noun: "of kind reaction and sent on a new connection".
func rulePhrase(rule []cause.Condition) string {
	var parts []string
	for _, c := range rule {
		parts = append(parts, conditionPhrase(c))
	}
	return strings.Join(parts, " and ")
}

// conditionPhrase is one condition, to stand behind "requests".
func conditionPhrase(c cause.Condition) string {
	switch form(c.Attribute) {
	case cause.Names:
		return namesPhrase(c)
	case cause.Flag:
		return flagPhrase(c)
	case cause.Gap:
		return gapPhrase(c)
	case cause.Moment:
		return "due " + stretchOfRun(cause.Span{From: seconds(c.From), To: seconds(c.To)})
	}
	return amountPhrase(c)
}

func form(a cause.Attribute) cause.Form {
	for _, d := range cause.Definitions() {
		if d.Attribute == a {
			return d.Form
		}
	}
	return cause.Amount
}

func namesPhrase(c cause.Condition) string {
	list, several := listed(c.Values), len(c.Values) > 1
	noun := func(one, more string) string {
		if several {
			return more + " " + list
		}
		return one + " " + list
	}
	switch c.Attribute {
	case cause.Kind:
		return "of " + noun("kind", "the kinds")
	case cause.Vendor:
		return "of " + noun("vendor", "the vendors")
	case cause.Recipient:
		return recipientPhrase(c.Values)
	case cause.Intent:
		return "with " + noun("the intent", "the intents")
	case cause.Encoding:
		return "in " + strings.NewReplacer("gsm7", "GSM-7", "ucs2", "UCS-2").Replace(list)
	case cause.RecordedHour:
		return "recorded in " + noun("hour", "the hours") + " of the day (UTC)"
	}
	return "with " + noun(c.Attribute.String(), c.Attribute.String())
}

// recipientPhrase names recipients by their rank alone.
func recipientPhrase(ranks []string) string {
	switch {
	case len(ranks) == 1 && ranks[0] == "1":
		return "to the recipient with the most requests"
	case len(ranks) == 1 && ranks[0] == "others":
		return "to recipients with few requests"
	case len(ranks) == 1:
		return "to the recipient that is no. " + ranks[0] + " by requests"
	}
	return "to the recipients that are no. " + listed(ranks) + " by requests"
}

func flagPhrase(c cause.Condition) string {
	yes := len(c.Values) == 0 || c.Values[0] != "no"
	choose := func(a, b string) string {
		if yes {
			return a
		}
		return b
	}
	switch c.Attribute {
	case cause.Media:
		return choose("with an attachment", "without an attachment")
	case cause.Receipt:
		return choose("that are delivery receipts", "that are messages and no receipts")
	case cause.Copy:
		return choose("that are added copies", "that are no added copies")
	case cause.Retry:
		return choose("that are sent again", "that are sent for the first time")
	case cause.RepeatedID:
		return choose("with a message id that was sent before", "with a message id of their own")
	case cause.FirstOfPerson:
		return choose("that are a person's first", "of a person who had texted before")
	case cause.NewConnection:
		return choose("sent on a new connection", "sent on a connection used before")
	}
	return choose("with ", "without ") + c.Attribute.String()
}

func gapPhrase(c cause.Condition) string {
	var who, had, hadNot, last string
	switch c.Attribute {
	case cause.SamePersonWithin:
		who, had, hadNot, last = "of a person who ", "had texted", "had not texted", "had last texted"
	case cause.SameRecipientWithin:
		who, had, hadNot, last = "to a recipient that ", "had been texted", "had not been texted", "had last been texted"
	default:
		who, had, hadNot, last = "of a kind that ", "had come", "had not come", "had last come"
	}
	from, to := time.Duration(whole(c.From)), time.Duration(whole(c.To))
	switch {
	case !bounded(c.From) && !bounded(c.To):
		return who + had + " before"
	case !bounded(c.From) || c.From <= 0:
		return who + had + " less than " + spell(to) + " before"
	case !bounded(c.To):
		return who + hadNot + " for " + spell(from)
	}
	return who + last + " " + spell(from) + " to " + spell(to) + " before"
}

func amountPhrase(c cause.Condition) string {
	r := amountRange(c)
	switch c.Attribute {
	case cause.Segments:
		return "of " + r + " segments"
	case cause.BodyBytes:
		return "with a body of " + r + " bytes"
	case cause.Burst100ms:
		return "due when " + r + " were due within 100 ms"
	case cause.Burst1s:
		return "due when " + r + " were due within 1 s"
	case cause.Burst10s:
		return "due when " + r + " were due within 10 s"
	case cause.KindBurst100ms:
		return "due when " + r + " of their kind were due within 100 ms"
	case cause.KindBurst1s:
		return "due when " + r + " of their kind were due within 1 s"
	case cause.KindBurst10s:
		return "due when " + r + " of their kind were due within 10 s"
	case cause.InFlight:
		return "sent while " + r + " others were in flight"
	case cause.ToolLag:
		return "sent " + r + " late"
	case cause.ToolStop:
		return "during which the tool stood still for " + r
	case cause.Watched:
		return "due while " + c.Series + " was " + r
	}
	return "with " + c.Attribute.String() + " of " + r
}

// amountRange words bounds: "40 or more", "fewer than 40", "40 to 79".
func amountRange(c cause.Condition) string {
	value, counts := wording.Digits, false
	switch c.Attribute {
	case cause.ToolLag, cause.ToolStop:
		value = func(v float64) string { return spell(time.Duration(whole(v))) }
	case cause.Watched:
		value = func(v float64) string { return wording.Plain(v, 4) }
	default:
		value, counts = func(v float64) string { return count(whole(v)) }, true
	}
	below := "less than "
	if counts {
		below = "fewer than "
	}
	switch {
	case !bounded(c.To):
		return value(c.From) + " or more"
	case !bounded(c.From) || c.From <= 0 && c.Attribute != cause.Watched:
		return below + value(c.To)
	case counts && c.To-c.From <= 1:
		return value(c.From)
	case counts:
		return value(c.From) + " to " + value(c.To-1)
	}
	return value(c.From) + " to " + value(c.To)
}

// stretchOfRun words a stretch of the run; an end at or before its beginning is none.
func stretchOfRun(s cause.Span) string {
	switch {
	case s.To <= s.From:
		return "from " + spell(s.From) + " of the run on"
	case s.From <= 0:
		return "in the first " + spell(s.To) + " of the run"
	}
	return fmt.Sprintf("from %s to %s of the run", spell(s.From), spell(s.To))
}

// overRun is stretchOfRun for what may take all of the run.
func overRun(f *cause.Finding) string {
	if f.Span.From <= 0 {
		return "over the run"
	}
	return stretchOfRun(f.Span)
}

func bounded(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// whole rounds a bound; what is no number is 0.
func whole(v float64) int64 {
	if !bounded(v) {
		return 0
	}
	return int64(math.Round(v))
}

// seconds is a bound in seconds as a length of time.
func seconds(v float64) time.Duration {
	if !bounded(v) {
		return 0
	}
	return time.Duration(math.Round(v*1e3)).Round(1) * time.Millisecond
}

// spell writes a bound, which is a round number, without zeros behind the point: "1 s", "250 ms", "1.5 s", "2m".
func spell(d time.Duration) string {
	short := func(unit time.Duration, name string) string {
		v, digits := float64(d)/float64(unit), 100.0
		if v >= 10 {
			digits = 10
		}
		if v >= 100 {
			digits = 1
		}
		return strconv.FormatFloat(math.Round(v*digits)/digits, 'f', -1, 64) + " " + name
	}
	switch size := d.Abs(); {
	case size == 0:
		return "0 s"
	case size < time.Millisecond:
		return short(time.Microsecond, "µs")
	case size < time.Second:
		return short(time.Millisecond, "ms")
	case size < 2*time.Minute:
		return short(time.Second, "s")
	}
	return wording.Compact(d.Round(time.Second))
}

package sms

// Zone is a set of time zones that some area codes share, those with the most area codes first. Numbers that are
// mapped within their zone stay inside the quiet hours that a receiver works out for them.
type Zone uint8

// zoneNames are the time zones of each Zone, as libphonenumber lists them for its numbers, a space between them.
var zoneNames = [...]string{
	"America/New_York",
	"America/Chicago",
	"America/Los_Angeles",
	"America/Toronto",
	"America/Denver",
	"America/Vancouver",
	"America/Edmonton",
	"America/Phoenix",
	"America/Halifax",
	"America/Winnipeg",
	"America/Boise America/Los_Angeles",
	"America/Denver America/North_Dakota/Center",
	"America/Puerto_Rico America/St_Johns",
	"America/Regina",
	"America/Adak America/Anchorage",
	"America/Fort_Nelson",
	"Pacific/Honolulu",
}

// areaZones holds the Zone of each of areaCodes, as a letter. Derived as areaCodes is; TestAreaZones derives it again.
const areaZones = "" +
	"aaajbcakcbacbaabbaaabbdabaaabfaaadfbacbbfabdaaaaacbadaaeaanebbcbabababbbaca" +
	"babaabababacdbacaabdcbaaddgcadeaabgabeacbaaabcdbdabccibjbaeddacaabadcabdbaj" +
	"aabhabacbeibaccbadbaaadhcbbbacdabcacbcaaabbaedbdajaagbhaflaabaabdabaabcbhcc" +
	"bbabnabaadcbacbbcbacfaaabdablcaadacbmbbcbaaaeeacbaabbaabcadacedaacababaaaba" +
	"kfbgaibaeaaacbdqaaaabbbcdcagaabcbaaacaabaaaaacaaaaaapbbdambibadaoacaabaecab" +
	"abchaabababbadabaaccbabaecbababaabka"

// zoneAreas lists the area codes of each Zone, as their places in areaCodes. It is never written again.
var zoneAreas = func() (list [len(zoneNames)][]int) {
	for i := range areas {
		z := areaZones[i] - 'a'
		list[z] = append(list[z], i)
	}
	return list
}()

// String returns the zone's names in the IANA database, a space between them.
func (z Zone) String() string { return zoneNames[z] }

// ZoneOf returns the zone of a number in E.164; ok is false for one outside the pools' area codes.
func ZoneOf(number string) (z Zone, ok bool) {
	if len(number) != numberLength || number[:2] != poolPrefix {
		return 0, false
	}
	area, ok := decimal(number[2:5])
	if !ok || areaIndex[area] == 0 {
		return 0, false
	}
	return Zone(areaZones[areaIndex[area]-1] - 'a'), true
}

// Zones returns how many zones the pool's numbers are divided into.
func (p Pool) Zones() int {
	if p.own != nil {
		return 1
	}
	return len(zoneNames)
}

// ZoneLen returns how many numbers of the pool are of a zone.
func (p Pool) ZoneLen(z Zone) int {
	if p.own != nil {
		return p.Len()
	}
	return len(zoneAreas[z]) * p.lines()
}

// AtZone returns number i of a zone, 0 <= i < ZoneLen(z), as At writes it.
func (p Pool) AtZone(z Zone, i int) string {
	if p.own != nil {
		return p.At(i)
	}
	return p.At(zoneAreas[z][i/p.lines()]*p.lines() + i%p.lines())
}

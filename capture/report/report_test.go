package report

import (
	"strings"
	"testing"

	"reprise/capture"
	"reprise/capture/corpus"
)

func TestWriteAccount(t *testing.T) {
	var b strings.Builder
	a := capture.Account{
		Read: 9, Kept: 7, Skipped: map[string]int64{"method": 1, "cut": 1}, Noted: map[string]int64{"late": 3}, Missing: 2, Lost: 40, Cut: true, UnpairedResponses: 1,
		Unwrapped: map[string]int64{"VXLAN": 12, "GENEVE": 12},
	}
	a.TapLoss.Add(5000, 21, 12)
	if err := WriteAccount(&b, &a); err != nil {
		t.Fatal(err)
	}
	const want = "read 9, kept 7, skipped 1 (cut), skipped 1 (method), noted 3 (late), missing 2, lost at least 40 bytes, unpaired responses 1\n" +
		"the tap missed about 0.42 % of the acknowledged bytes, about 12 requests\n" +
		"unwrapped packets: GENEVE 12, VXLAN 12\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestProblemsFallSilent(t *testing.T) {
	var b strings.Builder
	tell := Problems(&b)
	for range 9 {
		tell(capture.Problem{File: "a.log", Reason: "not JSON"})
	}
	tell(capture.Problem{File: "a.log", Reason: "late"})
	if got := strings.Count(b.String(), "\n"); got != mostProblems+2 || !strings.Contains(b.String(), "not JSON: more of these are counted") {
		t.Errorf("%d lines:\n%s", got, b.String())
	}
}

func TestWriteDamage(t *testing.T) {
	var b strings.Builder
	damage := []corpus.Damage{{Offset: 20, Reason: corpus.Truncated, Records: -1}, {Offset: 40, Reason: corpus.BadChecksum, Records: 1}, {Offset: 90, Reason: corpus.Truncated, Records: -1}}
	for range mostDamage {
		damage = append(damage, corpus.Damage{Reason: corpus.TrailingData})
	}
	WriteDamage(&b, "a.rpz", damage)
	for _, want := range []string{": 1 record lost\n", ": it cannot be known how many records are lost\n", ": it cannot be known how many more records are lost\n", "a.rpz: 3 more places are damaged\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

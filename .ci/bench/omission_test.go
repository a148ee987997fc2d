package main

import (
	"testing"
	"time"
)

func TestOmissionTruth(t *testing.T) {
	f := omissionTruth()
	if f.requests != 2000 || f.p50 != time.Millisecond || f.max != 1001*time.Millisecond || f.p99 < 895*time.Millisecond || f.p99 > 910*time.Millisecond {
		t.Errorf("%+v", f)
	}
	for at, want := range map[time.Duration]time.Duration{0: time.Millisecond, stallFrom: 4001 * time.Millisecond, stallTo: 4001 * time.Millisecond} {
		if got := stalledAnswer(at); got != want {
			t.Errorf("a request at %v is answered at %v, want %v", at, got, want)
		}
	}
}

func TestReadWrk2(t *testing.T) {
	const said = "  Latency Distribution (HdrHistogram - Recorded Latency)\n 50.000%    1.05ms\n 99.000%  902.14ms\n100.000%    1.00s \n\n  2000 requests in 10.00s, 1.2MB read\n"
	f, err := readWrk2(said)
	if err != nil || f.p50 != 1050*time.Microsecond || f.p99 != 902140*time.Microsecond || f.max != time.Second || f.requests != 2000 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := readWrk2("unable to connect"); err == nil {
		t.Error("nothing was read, and that is no error")
	}
}

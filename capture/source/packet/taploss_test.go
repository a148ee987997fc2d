package packet

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

// payloadOf is how many bytes of TCP a packet of a recording of Ethernet and IPv4 holds.
func payloadOf(packet []byte) int {
	ip := packet[14:]
	tcp := ip[int(ip[0]&15)*4:]
	return int(binary.BigEndian.Uint16(ip[2:])) - int(ip[0]&15)*4 - int(tcp[12]>>4)*4
}

// thinned leaves packets of a recording out, by a seed, and says how many per cent of the bytes that are.
func thinned(file []byte, headers []int, rate float64, seed uint64) (left []byte, percent float64) {
	random := rand.New(rand.NewPCG(seed, 4))
	left = append(left, file[:pcapHeaderSize]...)
	all, lost := 0, 0
	for i, at := range headers {
		end := len(file)
		if i+1 < len(headers) {
			end = headers[i+1]
		}
		n := payloadOf(file[at+pcapRecordSize : end])
		if all += n; random.Float64() < rate {
			lost += n
		} else {
			left = append(left, file[at:end]...)
		}
	}
	return left, 100 * float64(lost) / float64(all)
}

// The estimate of what the tap lost is near the truth, in bytes and in requests; without loss there is none. Of short
// connections it is too low, because nothing tells of what is missing at their ends. And what is lost costs no more answers
// than requests.
func TestTapLoss(t *testing.T) {
	file, headers := recording(t, recordingIn)
	whole := read(t, file)
	for _, rate := range []float64{0, 0.001, 0.01, 0.05, 0.2} {
		for seed := range uint64(5) {
			part, percent := thinned(file, headers, rate, seed)
			g := read(t, part)
			g.balance(t)
			loss := g.account.TapLoss
			lost := whole.account.Kept - g.account.Kept
			if math.Abs(loss.Percent-percent) > 0.05+percent/4 {
				t.Errorf("rate %v, seed %d: %.3f %%, want about %.3f %%", rate, seed, loss.Percent, percent)
			}
			if d := loss.Requests - lost; d > 2+lost/20 || d < -2-lost*3/10 {
				t.Errorf("rate %v, seed %d: about %d requests, want about %d", rate, seed, loss.Requests, lost)
			}
			if g.account.UnpairedResponses > lost {
				t.Errorf("rate %v, seed %d: %d responses without requests, of which %d are lost", rate, seed, g.account.UnpairedResponses, lost)
			}
		}
	}
}

// An acknowledgement that was wrong is taken back here, too.
func TestTapLossIsTakenBack(t *testing.T) {
	tp := newTape(t)
	d := tp.open(1).say(postAt(0))
	d.put(false, d.server, d.client+50, "A", "") // of more than was sent
	tp.wait(1e9)
	d.answer(answerAt(200)).say(postAt(1)).answer(answerAt(201)).close()
	g := read(t, tp.file())
	g.balance(t)
	if s := summary(&g); s != "POST /in/0 200 32; POST /in/1 201 32" || g.account.TapLoss.Missed != 0 || g.account.TapLoss.Requests != 0 {
		t.Errorf("read %s; %+v", s, g.account)
	}
}

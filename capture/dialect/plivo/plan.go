package plivo

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
	"reprise/capture/payload"
)

// signingPlan is how the requests of an outline are signed.
type signingPlan struct {
	macs          *keyed.MACs
	secret        []byte
	second, third *plannedVersion // nil where no header of it is there
	form          bool            // which V3 covers
}

// plannedVersion has the numbers of a version's values; -1 is one that is not set.
type plannedVersion struct{ signature, main, nonce int }

// PlanSigning knows forms and empty bodies, and V2 of any other.
func (d *scheme) PlanSigning(o *dialect.Outline) dialect.SigningPlan {
	if len(o.Secret) == 0 {
		return nil
	}
	m := &signingPlan{macs: d.macs, secret: o.Secret, form: o.Form && o.Method != "GET"}
	has := func(v version) bool { return o.Count(v.signature)+o.Count(v.main) > 0 }
	second, third := has(v2()), has(v3())
	if third {
		if !o.Form && !o.Empty && o.Method != "GET" {
			return nil
		}
		m.third = planVersion(o, v3())
	}
	if second || !third {
		m.second = planVersion(o, v2())
	}
	return m
}

// planVersion sets the headers that put sets.
func planVersion(o *dialect.Outline, v version) *plannedVersion {
	p := &plannedVersion{signature: -1, main: -1}
	main := o.Count(v.main) > 0
	own := o.Count(v.signature) > 0
	if main {
		p.main = o.Set(v.main)
	}
	if own || !main {
		p.signature = o.Set(v.signature)
	}
	p.nonce = o.Set(v.nonce)
	return p
}

// SignPlanned signs by the versions that the outline has.
func (m *signingPlan) SignPlanned(q *dialect.Outlined, s dialect.Signing) error {
	var room [20]byte
	nonce := append(room[:0], s.Nonce...)
	if len(nonce) == 0 {
		nonce = appendNonce(nonce, q, &s)
	}
	if m.third != nil {
		var params payload.Params
		url, _, _ := strings.Cut(s.URL, "#")
		base, query, _ := strings.Cut(url, "?")
		params.AddForm([]byte(query))
		params.Sort()
		q.Message = appendQuery(append(q.Message[:0], base...), &params, m.form)
		if m.form {
			q.Message = q.Fields(q.Message)
		}
		q.Message = append(q.Message, '.')
		m.put(q, m.third, nonce)
	}
	if m.second != nil {
		base, _, _ := strings.Cut(s.URL, "?")
		q.Message = append(q.Message[:0], base...)
		m.put(q, m.second, nonce)
	}
	return nil
}

// put sets the values of a version of which the message lacks the nonce.
func (m *signingPlan) put(q *dialect.Outlined, v *plannedVersion, nonce []byte) {
	q.Message = append(q.Message, nonce...)
	q.Sum = m.macs.Append(q.Sum[:0], m.secret, q.Message)
	for _, k := range [...]int{v.main, v.signature} {
		if k >= 0 {
			q.Values[k] = base64.StdEncoding.AppendEncode(q.Values[k], q.Sum)
		}
	}
	q.Values[v.nonce] = append(q.Values[v.nonce], nonce...)
}

// appendNonce is deriveNonce.
func appendNonce(dst []byte, q *dialect.Outlined, s *dialect.Signing) []byte {
	q.Message = s.Now.UTC().AppendFormat(q.Message[:0], time.RFC3339Nano)
	q.Message = append(append(append(q.Message, 0), s.URL...), 0)
	q.Message = append(q.Message, q.Body...)
	sum := sha256.Sum256(q.Message)
	return strconv.AppendUint(dst, binary.BigEndian.Uint64(sum[:])|1<<63, 10)
}

package telnyx

import (
	"encoding/base64"
	"strconv"

	"reprise/capture/dialect"
)

// signingPlan is how the requests of an outline are signed.
type signingPlan struct {
	of               *scheme
	secret           []byte
	signature, stamp int
}

// PlanSigning knows all requests.
func (d *scheme) PlanSigning(o *dialect.Outline) dialect.SigningPlan {
	if d.keys.Check(o.Secret, true) != nil {
		return nil
	}
	m := &signingPlan{of: d, secret: o.Secret}
	m.signature = o.Set(signatureHeader)
	m.stamp = o.Set(timestampHeader)
	return m
}

// SignPlanned signs the time and the body.
func (m *signingPlan) SignPlanned(q *dialect.Outlined, s dialect.Signing) (err error) {
	q.Message = strconv.AppendInt(q.Message[:0], s.Now.Unix(), 10)
	q.Values[m.stamp] = append(q.Values[m.stamp], q.Message...)
	q.Message = append(append(q.Message, '|'), q.Body...)
	q.Sum, err = m.of.keys.Append(q.Sum[:0], m.secret, q.Message)
	q.Values[m.signature] = base64.StdEncoding.AppendEncode(q.Values[m.signature], q.Sum)
	return err
}

package twilio

import (
	"encoding/base64"

	"reprise/capture/dialect"
	"reprise/capture/keyed"
)

// signingPlan is how the requests of an outline are signed.
type signingPlan struct {
	macs   *keyed.MACs
	secret []byte
	value  int
}

// PlanSigning knows forms and empty bodies: the hash of any other stands in the query.
func (d *scheme) PlanSigning(o *dialect.Outline) dialect.SigningPlan {
	k, err := parseKeys(o.Secret)
	if err != nil || k.token == nil && k.shared.secret == nil || !o.Form && !o.Empty {
		return nil
	}
	settings := o.Count(settingsHeader) > 0
	m := &signingPlan{macs: d.sha1, secret: k.token}
	if shared := k.shared.secret != nil && (settings || k.token == nil); shared {
		m.macs, m.secret = d.sha256, k.shared.secret
		o.SetText(settingsHeader, k.shared.settings())
	} else {
		o.Remove(settingsHeader)
	}
	if o.Count(signalWireHeader) == 0 {
		m.value = o.Set(signatureHeader)
		return m
	}
	o.Remove(signalWireSHA256)
	if o.Count(signatureHeader) > 0 { // of one value each: the same
		return nil
	}
	m.value = o.Set(signalWireHeader)
	return m
}

// SignPlanned signs the URL and the fields, in which no key comes twice.
func (m *signingPlan) SignPlanned(q *dialect.Outlined, s dialect.Signing) error {
	q.Message = append(q.Message[:0], s.URL...)
	if q.Fields != nil {
		q.Message = q.Fields(q.Message)
	}
	q.Sum = m.macs.Append(q.Sum[:0], m.secret, q.Message)
	q.Values[m.value] = base64.StdEncoding.AppendEncode(q.Values[m.value], q.Sum)
	return nil
}

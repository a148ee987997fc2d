package signature

import (
	"fmt"
	"strings"
)

// Names are other names for fields of a Profile: those of Amazon EventBridge's WebhookHmacAuthConfiguration, which describes what
// EventBridge takes webhooks by, so that such a description can be taken over
// (https://docs.aws.amazon.com/sdk-for-ruby/v3/api/Aws/EventBridgeV2/Types/WebhookHmacAuthConfiguration.html). algorithm, encoding and
// secret_encoding have one name. A signed_message_composition is written as a Template.
type Names struct {
	SignatureHTTPHeader      string `json:"signature_http_header,omitempty" yaml:"signature_http_header,omitempty"`           // Header
	SignaturePrefix          string `json:"signature_prefix,omitempty" yaml:"signature_prefix,omitempty"`                     // Prefix
	Delimiter                string `json:"delimiter,omitempty" yaml:"delimiter,omitempty"`                                   // Separator
	SignedMessageComposition string `json:"signed_message_composition,omitempty" yaml:"signed_message_composition,omitempty"` // Template
	TimestampHTTPHeader      string `json:"timestamp_http_header,omitempty" yaml:"timestamp_http_header,omitempty"`           // TimestampHeader
	MessageIDHTTPHeader      string `json:"message_id_http_header,omitempty" yaml:"message_id_http_header,omitempty"`         // IDHeader
}

// resolve puts what other names say in the place of the fields' own. The names of algorithms and encodings are taken in either case, and
// algorithms with HMAC before them.
func (p *Profile) resolve() error {
	for _, one := range []struct {
		to         *string
		own, other string
		value      string
	}{
		{&p.Header, "header", "signature_http_header", p.SignatureHTTPHeader},
		{&p.Prefix, "prefix", "signature_prefix", p.SignaturePrefix},
		{&p.Separator, "separator", "delimiter", p.Delimiter},
		{&p.Template, "template", "signed_message_composition", p.SignedMessageComposition},
		{&p.TimestampHeader, "timestamp_header", "timestamp_http_header", p.TimestampHTTPHeader},
		{&p.IDHeader, "id_header", "message_id_http_header", p.MessageIDHTTPHeader},
	} {
		switch {
		case one.value == "":
		case *one.to != "":
			return fmt.Errorf("signature: %s and %s are two names of one thing", one.own, one.other)
		default:
			*one.to = one.value
		}
	}
	p.Names = Names{}
	p.Algorithm = strings.TrimPrefix(strings.ToLower(p.Algorithm), "hmac")
	p.Algorithm = strings.NewReplacer("-", "", "_", "").Replace(p.Algorithm)
	p.Encoding, p.SecretEncoding = strings.ToLower(p.Encoding), strings.ToLower(p.SecretEncoding)
	return nil
}

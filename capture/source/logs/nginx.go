package logs

import (
	"fmt"
	"strings"
)

// nginxMap reads what nginxLogFormat makes nginx write. nginx logs a request when it has ended, and escapes
// by escape=json: bytes that are not UTF-8 stay as they are.
func nginxMap() Map {
	m := Map{
		Time: "/ts", TimeFormat: FormatUnix, TimeIs: TimeIsEnd,
		Method: "/method", URL: "/uri", Host: "/host",
		Body: "/body", BodyEncoding: EncodingRaw,
		Status: "/status", Latency: "/request_time", LatencyUnit: "s",
	}
	for _, h := range nginxHeaders() {
		m.Headers.Each = append(m.Headers.Each, HeaderAt{h.name, "/" + h.field()})
	}
	return m
}

// nginxHeader is a header that the format logs.
type nginxHeader struct {
	name string
	// key is its field in the log where that is not the name in lower case with underscores.
	key string
}

func (h nginxHeader) field() string {
	if h.key != "" {
		return h.key
	}
	return h.variable()
}

func (h nginxHeader) variable() string {
	return strings.ReplaceAll(strings.ToLower(h.name), "-", "_")
}

// nginxHeaders are those that say what a body is, and those that SMS vendors sign and number their webhooks
// with. Authorization is not among them: a log is no place for credentials.
func nginxHeaders() []nginxHeader {
	return []nginxHeader{
		{"User-Agent", ""},
		{"Content-Length", ""},
		{"Transfer-Encoding", ""},
		{"Accept", ""},
		{"Content-Type", ""},
		{"Content-Encoding", ""},
		{"I-Twilio-Idempotency-Token", ""},
		{"X-Twilio-Signature", "twilio_signature"},
		{"telnyx-signature-ed25519", "telnyx_signature"},
		{"telnyx-timestamp", "telnyx_timestamp"},
		{"X-Plivo-Signature-V2", ""},
		{"X-Plivo-Signature-Ma-V2", ""},
		{"X-Plivo-Signature-V2-Nonce", ""},
		{"X-Plivo-Signature-V3", ""},
		{"X-Plivo-Signature-Ma-V3", ""},
		{"X-Plivo-Signature-V3-Nonce", ""},
		{"x-sinch-webhook-signature", ""},
		{"x-sinch-webhook-signature-algorithm", ""},
		{"x-sinch-webhook-signature-nonce", ""},
		{"x-sinch-webhook-signature-timestamp", ""},
		{"MessageBird-Signature", ""},
		{"MessageBird-Signature-JWT", ""},
		{"MessageBird-Request-Timestamp", ""},
		{"Klaviyo-Signature", ""},
		{"Klaviyo-Timestamp", ""},
		{"Klaviyo-Webhook-Id", ""},
		{"x-attentive-hmac-sha256", ""},
		{"webhook-id", ""},
		{"webhook-timestamp", ""},
		{"webhook-signature", ""},
		{"svix-id", ""},
		{"svix-timestamp", ""},
		{"svix-signature", ""},
		{"x-amz-sns-message-type", ""},
		{"x-amz-sns-message-id", ""},
		{"x-amz-sns-topic-arn", ""},
	}
}

// nginxLogFormat returns the configuration that makes nginx write what the preset "nginx" reads.
func nginxLogFormat() string {
	var b strings.Builder
	b.WriteString(`# In the http block. A location must pass the request on (proxy_pass, fastcgi_pass, ...) for nginx to see its
# body, and the body must fit the buffer: one that went to a temporary file is logged as empty.
client_body_buffer_size 1m;
client_body_in_single_buffer on;

log_format reprise escape=json
    '{"ts":"$msec","request_time":$request_time,"status":$status,'
    '"method":"$request_method","uri":"$request_uri","host":"$http_host",'
`)
	for _, h := range nginxHeaders() {
		fmt.Fprintf(&b, "    '%q:\"$http_%s\",'\n", h.field(), h.variable())
	}
	b.WriteString(`    '"body":"$request_body"}';

access_log /var/log/nginx/webhooks.ndjson reprise;
`)
	return b.String()
}

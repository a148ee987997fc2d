package twilio

import (
	"bytes"
	"errors"
	"strings"

	"reprise/capture"
	"reprise/capture/dialect"
)

const (
	// sharedPrefix may stand before a SharedKey in the file of a key, and algorithmSHA256 is its algorithm as the settings header says it.
	sharedPrefix    = "sha256:"
	algorithmSHA256 = "HMAC_SHA256"
)

// keys are what the file of a key holds: the account's auth token, a SharedKey or both; what is not there is nil.
type keys struct {
	token  []byte
	shared sharedKey
}

// sharedKey is a key of Twilio's Webhooks configuration API, by its id.
type sharedKey struct{ id, secret []byte }

// settings is the header that says that k has signed.
func (k sharedKey) settings() string { return "key=" + string(k.id) + ",algorithm=" + algorithmSHA256 }

var (
	errForm  = errors.New("it is neither an auth token, which has no colon, nor a SharedKey, which is KEY_ID:SECRET")
	errLines = errors.New("it holds more than one line, and a token is one; a SharedKey may stand on a second line")
)

// parseKeys reads keys: each on a line, a token as it is and a SharedKey as KEY_ID:SECRET or sha256:KEY_ID:SECRET. No key at all is no error. What is
// returned shares text's memory.
func parseKeys(text []byte) (k keys, err error) {
	if bytes.IndexByte(text, ':') < 0 { // a token, of which there is one for thousands of signatures
		if len(text) > 0 {
			k.token = text
		}
		return k, nil
	}
	for line := range bytes.SplitSeq(text, []byte{'\n'}) {
		line = bytes.TrimSpace(line)
		id, secret, shared := bytes.Cut(line, []byte{':'})
		if i := bytes.IndexByte(secret, ':'); i >= 0 && bytes.HasPrefix(line, []byte(sharedPrefix)) {
			id, secret = secret[:i], secret[i+1:]
		}
		switch {
		case shared && (k.shared.id != nil || len(secret) == 0 || !isKeyID(id)):
			return keys{}, errForm
		case shared:
			k.shared = sharedKey{id, secret}
		case k.token != nil:
			return keys{}, errLines
		case len(line) > 0:
			k.token = line
		}
	}
	return k, nil
}

// isKeyID says whether an id can stand in the settings header.
func isKeyID(id []byte) bool {
	for _, c := range id {
		if c <= ' ' || c >= 0x7f || c == ',' || c == '=' {
			return false
		}
	}
	return len(id) > 0
}

// parseSettings reads the settings header: key=ID,algorithm=NAME. What it does not say is empty.
func parseSettings(value string) (id, algorithm string) {
	for item := range strings.SplitSeq(value, ",") {
		name, said, _ := strings.Cut(item, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "key":
			id = strings.TrimSpace(said)
		case "algorithm":
			algorithm = strings.ToUpper(strings.TrimSpace(said))
		}
	}
	return id, algorithm
}

// Headers names those of both kinds, and SignalWire's.
func (*scheme) Headers() []string {
	return []string{signatureHeader, settingsHeader, signalWireHeader, signalWireSHA256}
}

var _ dialect.Kinds = (*scheme)(nil)

// Marks says of which headers Mark is asked.
func (*scheme) Marks(name string) bool {
	return capture.SameName(name, signalWireHeader) || capture.SameName(name, settingsHeader)
}

// Mark returns what the settings header says of the algorithm, without the key's id; of SignalWire's header its name is enough.
func (*scheme) Mark(name, value string) (mark string, ok bool) {
	if capture.SameName(name, signalWireHeader) {
		return "", true
	}
	if !capture.SameName(name, settingsHeader) {
		return "", false
	}
	_, algorithm := parseSettings(value)
	return "algorithm=" + algorithmSHA256, algorithm == algorithmSHA256
}

// KeyForms names the forms of a key.
func (*scheme) KeyForms() string {
	return "the account's auth token, as text; a SharedKey, as KEY_ID:SECRET or sha256:KEY_ID:SECRET; or both, a line each: then each request says which"
}

// CheckKey says what is wrong with a key.
func (*scheme) CheckKey(secret []byte, _ bool) error {
	k, err := parseKeys(secret)
	if err != nil {
		return err
	}
	for _, part := range [...][]byte{k.token, k.shared.secret} {
		if err := dialect.CheckToken(part); err != nil {
			return err
		}
	}
	return nil
}

package signing

import (
	"strings"
	"testing"

	"reprise/cmd/internal/exit"
)

func TestCheckURL(t *testing.T) {
	for _, tc := range []struct {
		url, says string
		sign      []string
		code      exit.Code
	}{
		{"", "", nil, exit.Done},
		{"https://hooks.example.com/sms", "", []string{"a=@key"}, exit.Done},
		{"https://hooks.example.com/sms", "without --sign nothing is signed", nil, exit.Done},
		{"hooks.example.com/sms", "", nil, exit.Misused},
		{"ftp://hooks.example.com/", "", nil, exit.Misused},
		{"https:///sms", "", nil, exit.Misused},
		{"https://user:secret word@host/", "", nil, exit.Misused},
	} {
		said, err := CheckURL(tc.url, tc.sign)
		if !strings.Contains(said, tc.says) || (said == "") != (tc.says == "") || err == nil != (tc.code == exit.Done) {
			t.Errorf("CheckURL(%q) = %q, %v", tc.url, said, err)
		}
		if err != nil && (exit.CodeOf(err) != tc.code || strings.Contains(err.Error(), "secret")) {
			t.Errorf("CheckURL(%q) = %v", tc.url, err)
		}
	}
}

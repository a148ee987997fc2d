package sms

import (
	"strings"
	"testing"
)

func TestParseKeywordsNamesTheFirstOfTwo(t *testing.T) {
	for range 50 {
		_, err := ParseKeywords(map[string][]string{"nothing": nil, "anything": nil, "everything": nil})
		if err == nil || !strings.Contains(err.Error(), `"anything"`) {
			t.Fatal(err)
		}
	}
}

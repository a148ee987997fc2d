package wire

import (
	"slices"
	"strings"
	"testing"

	"reprise/capture"
)

func TestIsToken(t *testing.T) {
	for c := range 256 {
		want := c > ' ' && c < 0x7f && !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, rune(c))
		if got := IsToken("a" + string([]byte{byte(c)})); got != want {
			t.Errorf("character %d: %v", c, got)
		}
	}
	if IsToken("") {
		t.Error("nothing is a token")
	}
}

func TestRoleOf(t *testing.T) {
	for name, want := range map[string]Role{
		"Host": RoleHost, "HOST": RoleHost, "content-length": RoleLength, "Transfer-Encoding": RoleTransfer, "connection": RoleConnection,
		"Keep-Alive": RoleHop, "Proxy-Connection": RoleHop, "TE": RoleHop, "Trailer": RoleHop, "Upgrade": RoleHop, "Expect": RoleHop,
		"HTTP2-Settings": RoleHop, "Proxy-Authorization": RoleHop, "X-A": RoleNone, "Te2": RoleNone, "": RoleInvalid, "a b": RoleInvalid, "a:": RoleInvalid,
	} {
		got := RoleOf(name)
		if framing := want != RoleNone && want != RoleHost && want != RoleInvalid; got != want || got.Framing() != framing {
			t.Errorf("%q: role %v, framing %v", name, got, got.Framing())
		}
	}
}

func TestSetAndDrop(t *testing.T) {
	hs := []capture.Header{{Name: "A", Value: "1"}, {Name: "b", Value: "2"}, {Name: "a", Value: "3"}}
	if got := Set(slices.Clone(hs), "a", "9"); got[0].Value != "9" || got[2].Value != "9" || len(got) != 3 {
		t.Errorf("Set: %v", got)
	}
	if got := Set(slices.Clone(hs), "C", "9"); len(got) != 4 || got[3] != (capture.Header{Name: "C", Value: "9"}) {
		t.Errorf("Set: %v", got)
	}
	if got := Drop(slices.Clone(hs), "A"); len(got) != 1 || got[0].Name != "b" {
		t.Errorf("Drop: %v", got)
	}
	if Find(hs, "B", 0) != 1 || Find(hs, "a", 2) != 2 || Find(hs, "c", 7) != -1 {
		t.Error("Find")
	}
	if HasBreak("a b") || !HasBreak("a\nb") || !HasBreak("\r") || !HasBreak("a\x00") || !strings.EqualFold(HeaderRun, "reprise-run") {
		t.Error("HasBreak")
	}
}

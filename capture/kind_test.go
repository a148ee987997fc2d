package capture

import (
	"slices"
	"testing"
)

// TestKinds: every kind is listed once, has a name of its own and is known; one of a later version is Other.
func TestKinds(t *testing.T) {
	listed := Kinds()
	if len(listed) != KindCount {
		t.Errorf("%d kinds listed, there are %d", len(listed), KindCount)
	}
	for k := range Kind(KindCount) {
		if !slices.Contains(listed, k) || k.Known() != k {
			t.Errorf("%v: listed %v, known as %v", k, slices.Contains(listed, k), k.Known())
		}
		if got, err := ParseKind(k.String()); err != nil || got != k {
			t.Errorf("%v: parsed as %v, %v", k, got, err)
		}
	}
	for _, k := range []Kind{Kind(KindCount), 99, 255} {
		if k.Known() != Other {
			t.Errorf("%v is known as %v", k, k.Known())
		}
		if got, err := ParseKind(k.String()); err == nil || got != Other {
			t.Errorf("%v: parsed as %v, %v", k, got, err)
		}
	}
}

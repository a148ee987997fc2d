package keyed

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestPermutationIsABijection goes through all of several domains: small ones, powers, primes and a strict pool.
func TestPermutationIsABijection(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 10, 16, 97, 100, 255, 256, 257, 1000, 4096, 41_100} {
		p := NewPermutation([32]byte{byte(n), 7}, n)
		seen := make([]bool, n)
		for i := range n {
			j := p.At(i)
			if j < 0 || j >= n || seen[j] {
				t.Fatalf("n = %d: At(%d) = %d is out of range or was given before", n, i, j)
			}
			seen[j] = true
		}
	}
}

// widePool is how many numbers the wide pool of capture/sms has.
const widePool = 4_107_945

// TestPermutationOfThePool samples the wide pool: no two are alike, and they spread evenly over it.
func TestPermutationOfThePool(t *testing.T) {
	const samples, buckets = 200_000, 100
	n := widePool
	p := NewPermutation([32]byte{1, 2, 3}, n)
	seen := make(map[int]bool, samples)
	var spread [buckets]int
	for i := range samples {
		j := p.At(i * (n / samples))
		if j < 0 || j >= n || seen[j] {
			t.Fatalf("At(%d) = %d is out of range or was given before", i, j)
		}
		seen[j] = true
		spread[j*buckets/n]++
	}
	for b, got := range spread { // mean 2000, standard deviation 44
		if got < 1750 || got > 2250 {
			t.Errorf("bucket %d of %d holds %d of %d", b, buckets, got, samples)
		}
	}
}

// TestPermutationIsFrozen holds the mapping itself: a change would give everybody another number.
func TestPermutationIsFrozen(t *testing.T) {
	var key [32]byte
	for i := range key {
		key[i] = byte(i)
	}
	for _, tc := range []struct {
		n    int
		want [6]int
	}{
		{10, [6]int{0, 4, 1, 3, 5, 6}},
		{41_100, [6]int{25043, 25198, 28114, 24067, 22621, 16913}},
		{4_107_945, [6]int{2594604, 2790441, 2082471, 1742224, 3563682, 648536}},
	} {
		p := NewPermutation(key, tc.n)
		var got [6]int
		for i := range got {
			got[i] = p.At(i)
		}
		if got != tc.want {
			t.Errorf("n = %d: %v, want %v", tc.n, got, tc.want)
		}
	}
}

func TestPermutationDependsOnTheKey(t *testing.T) {
	a, b := NewPermutation([32]byte{1}, 100_000), NewPermutation([32]byte{2}, 100_000)
	same := 0
	for i := range 1000 {
		if a.At(i) == b.At(i) {
			same++
		}
	}
	if same > 3 {
		t.Errorf("%d of 1000 are mapped alike under two keys", same)
	}
}

func TestPermutationIsSafeForConcurrentUse(t *testing.T) {
	p := NewPermutation([32]byte{9}, 5000)
	want := make([]int, 500)
	for i := range want {
		want[i] = p.At(i)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range want {
				if got := p.At(i); got != want[i] {
					t.Errorf("At(%d) = %d, want %d", i, got, want[i])
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPermutationPanicsOutOfRange(t *testing.T) {
	for name, f := range map[string]func(){
		"n = 0":  func() { NewPermutation([32]byte{}, 0) },
		"At(-1)": func() { NewPermutation([32]byte{}, 5).At(-1) },
		"At(n)":  func() { NewPermutation([32]byte{}, 5).At(5) },
	} {
		func() {
			defer func() {
				if r := recover(); !strings.HasPrefix(fmt.Sprint(r), "keyed: internal error") {
					t.Errorf("%s: recovered %v", name, r)
				}
			}()
			f()
		}()
	}
}

func BenchmarkPermutation(b *testing.B) {
	p := NewPermutation([32]byte{1}, widePool)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.At(i % widePool)
	}
}

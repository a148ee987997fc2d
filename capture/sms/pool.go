package sms

import (
	"errors"
	"fmt"
)

// Pool is a set of numbers that reach nobody, in a fixed order. Its zero value is the wide pool. A Pool is a
// value: copy it, compare it, use it from any goroutine.
//
// Every number is +1 NPA 555 XXXX in an area code of the United States or Canada, and libphonenumber holds it
// valid, so a target that validates accepts it. No number of exchange 555 is assigned to anyone (as of 2025: all
// but 555-1212 and 555-4334 were returned to the plan's inventory in 2016, and no assignments are made); only
// 555-0100 to 555-0199 are set aside for fiction for good. National ranges for fiction elsewhere are too small
// (Germany has 210 mobile numbers) or fail validation (the United Kingdom's 07700 900).
type Pool struct {
	strict bool
	own    *ownPool // a user's list; nil for the pools that are built in
}

type ownPool struct {
	name    string
	numbers []string
	index   map[string]int
}

// NewPool returns a pool of numbers of one's own, such as a vendor's test numbers: that they reach nobody is for the
// caller to know. Each must be a telephone number in any spelling that Canonical reads, and none may come twice. An
// error names the place in the list, from 1.
func NewPool(name string, numbers []string) (Pool, error) {
	own := &ownPool{name: name, index: make(map[string]int, len(numbers))}
	for i, n := range numbers {
		number, class := Canonical(n)
		if class != E164 {
			return Pool{}, fmt.Errorf("entry %d is no telephone number", i+1)
		}
		if first, twice := own.index[number]; twice {
			return Pool{}, fmt.Errorf("entry %d is the number of entry %d", i+1, first+1)
		}
		own.index[number] = i
		own.numbers = append(own.numbers, number)
	}
	if len(own.numbers) == 0 {
		return Pool{}, errors.New("no number is listed")
	}
	return Pool{own: own}, nil
}

// Wide returns the pool of 4,107,945 numbers: exchange 555 but for 1111, 1212, 1313, 4141 and 4334.
func Wide() Pool { return Pool{} }

// Strict returns the pool of the 41,100 numbers that the regulator reserves for fiction: 555-0100 to 555-0199.
func Strict() Pool { return Pool{strict: true} }

// The numbers left out of the wide pool: directory assistance (1212), the one other number that was never
// returned (4334), and, from caution, three patterns that tests and carriers are fond of.
var excludedLines = [...]int{1111, 1212, 1313, 4141, 4334}

const (
	areas         = len(areaCodes) / 3
	firstReserved = 100 // 555-0100
	strictLines   = 100
	wideLines     = 10000 - len(excludedLines)
	poolPrefix    = "+1"
	exchange      = "555"
	numberLength  = len("+1NPA5550100")
)

// areaIndex gives an area code's place in areaCodes, plus one; 0 for any other. It is never written again.
var areaIndex = func() (index [1000]uint16) {
	for i := range areas {
		code := areaCodes[3*i : 3*i+3]
		index[int(code[0]-'0')*100+int(code[1]-'0')*10+int(code[2]-'0')] = uint16(i + 1)
	}
	return index
}()

// Name returns "wide" or "strict", or the name that NewPool was given.
func (p Pool) Name() string {
	if p.own != nil {
		return p.own.name
	}
	if p.strict {
		return "strict"
	}
	return "wide"
}

// lines is how many numbers each area code gives.
func (p Pool) lines() int {
	if p.strict {
		return strictLines
	}
	return wideLines
}

// Len returns how many numbers the pool holds.
func (p Pool) Len() int {
	if p.own != nil {
		return len(p.own.numbers)
	}
	return areas * p.lines()
}

// At returns number i, 0 <= i < Len(), in E.164: "+12015550100".
func (p Pool) At(i int) string {
	if i < 0 || i >= p.Len() {
		panic("sms: internal error: pool index out of range")
	}
	if p.own != nil {
		return p.own.numbers[i]
	}
	area, line := i/p.lines(), i%p.lines()
	if p.strict {
		line += firstReserved
	} else {
		for _, x := range excludedLines {
			if line >= x {
				line++
			}
		}
	}
	var b [numberLength]byte
	copy(b[:], poolPrefix)
	copy(b[2:], areaCodes[3*area:3*area+3])
	copy(b[5:], exchange)
	for k := numberLength - 1; k >= 8; k-- {
		b[k], line = byte('0'+line%10), line/10
	}
	return string(b[:])
}

// Index is the inverse of At: ok is false unless number is one of the pool's, written as At writes it.
func (p Pool) Index(number string) (i int, ok bool) {
	if p.own != nil {
		i, ok = p.own.index[number]
		return i, ok
	}
	if len(number) != numberLength || number[:2] != poolPrefix || number[5:8] != exchange {
		return 0, false
	}
	area, ok1 := decimal(number[2:5])
	line, ok2 := decimal(number[8:])
	if !ok1 || !ok2 || areaIndex[area] == 0 {
		return 0, false
	}
	base := (int(areaIndex[area]) - 1) * p.lines()
	if p.strict {
		line -= firstReserved
		return base + line, 0 <= line && line < strictLines
	}
	before := 0
	for _, x := range excludedLines {
		switch {
		case line == x:
			return 0, false
		case line > x:
			before++
		}
	}
	return base + line - before, true
}

// Contains says whether number is one of the pool's, written as At writes it.
func (p Pool) Contains(number string) bool {
	_, ok := p.Index(number)
	return ok
}

// decimal reads a short string of ASCII digits.
func decimal(s string) (n int, ok bool) {
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

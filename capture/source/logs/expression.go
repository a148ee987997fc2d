package logs

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// A regular expression takes time of its steps times the bytes of what it looks at, and no signal ends it in between.
const (
	maxSteps = 10_000  // instructions of an expression
	maxWork  = 1 << 30 // steps times bytes
)

// expression is a regular expression of a map, in bounded time.
type expression struct {
	*regexp.Regexp
	longest int // of what it looks at, in bytes
}

// compile makes one. An error says what is wrong with it.
func compile(text string) (expression, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return expression{}, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	steps := 1
	if parsed, err := syntax.Parse(text, syntax.Perl); err == nil { // as it was just now
		if program, err := syntax.Compile(parsed.Simplify()); err == nil {
			steps = len(program.Inst)
		}
	}
	if steps > maxSteps {
		return expression{}, fmt.Errorf("the expression has %d steps, and at most %d are taken: repeat less", steps, maxSteps)
	}
	return expression{re, maxWork / steps}, nil
}

// mustCompile is for an expression that was validated.
func mustCompile(text string) expression {
	e, err := compile(text)
	if err != nil {
		panic("logs: internal error: " + err.Error())
	}
	return e
}

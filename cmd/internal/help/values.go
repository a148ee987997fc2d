package help

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
)

// checkValues refuses what no flag of any verb has a use for: numbers and times below 0, and text that is empty, as of a variable of a script
// that is not set. Where 0 is none either, or there is a most, the verb says so.
func checkValues(flags *pflag.FlagSet) error {
	var refused error
	flags.Visit(func(f *pflag.Flag) {
		switch {
		case refused != nil:
		case belowZero(f.Value):
			refused = exit.Misuse("--%s: %s is below 0", f.Name, f.Value)
		case empty(f.Value):
			refused = exit.Hint(exit.Misuse("--%s: it is empty", f.Name), "leave the flag out, or give it a value")
		case hasEmpty(f.Value):
			refused = exit.Misuse("--%s: one of its values is empty", f.Name)
		}
	})
	return refused
}

func belowZero(v pflag.Value) bool {
	return slices.Contains([]string{"int", "int64", "float64", "duration"}, v.Type()) && strings.HasPrefix(v.String(), "-")
}

// empty says whether a text is empty, or each of a list of texts.
func empty(v pflag.Value) bool {
	if list, ok := v.(pflag.SliceValue); ok {
		return strings.Join(list.GetSlice(), "") == ""
	}
	return v.Type() == "string" && v.String() == ""
}

// hasEmpty says whether one of a list of texts is empty.
func hasEmpty(v pflag.Value) bool {
	list, ok := v.(pflag.SliceValue)
	return ok && slices.Contains(list.GetSlice(), "")
}

// decimal makes the whole numbers of a verb's flags decimal. pflag takes them as Go writes them: 010 would be 8.
func decimal(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if slices.Contains([]string{"int", "int64", "uint64"}, f.Value.Type()) {
			f.Value = whole{f.Value}
		}
	})
}

// whole is the value of a flag that is a whole number.
type whole struct{ pflag.Value }

func (w whole) Set(text string) error {
	sign, digits := "", text
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "+") {
		sign, digits = text[:1], text[1:]
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return errors.New("it must be a whole number")
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		digits = "0"
	}
	return w.Value.Set(sign + digits)
}

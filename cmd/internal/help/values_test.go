package help_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"reprise/cmd/internal/cli"
	"reprise/cmd/internal/exit"
)

// eachFlag tries each flag of each verb that does something; try says whether it was one that is meant, and leaves a value that is taken.
func eachFlag(t *testing.T, least int, try func(verb *cobra.Command, f *pflag.Flag) bool) {
	t.Helper()
	tried := 0
	var walk func(*cobra.Command)
	walk = func(verb *cobra.Command) {
		if verb.RunE != nil && verb.HasParent() {
			verb.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if try(verb, f) {
					tried++
				}
			})
		}
		for _, child := range verb.Commands() {
			walk(child)
		}
	}
	walk(cli.Command(cli.Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)}))
	if tried < least {
		t.Errorf("only %d flags were tried", tried)
	}
}

// TestBelowZero gives every number and every time of every verb a value below 0: the verb is misused, and does nothing.
func TestBelowZero(t *testing.T) {
	below := map[string]string{"int": "-1", "int64": "-1", "float64": "-0.5", "duration": "-1s"}
	eachFlag(t, 30, func(verb *cobra.Command, f *pflag.Flag) bool {
		value, ok := below[f.Value.Type()]
		was := f.Value.String()
		if !ok || verb.Flags().Set(f.Name, value) != nil { // a value of its own, which refuses it
			return false
		}
		refused(t, verb, "--"+f.Name+": "+value+" is below 0")
		if err := verb.Flags().Set(f.Name, was); err != nil {
			t.Fatal(err)
		}
		return true
	})
}

// TestEmpty gives every text of every verb an empty value, as a variable of a script that is not set does.
func TestEmpty(t *testing.T) {
	eachFlag(t, 80, func(verb *cobra.Command, f *pflag.Flag) bool {
		if f.Value.Type() != "string" {
			return false
		}
		if err := verb.Flags().Set(f.Name, ""); err != nil {
			t.Fatal(err)
		}
		refused(t, verb, "--"+f.Name+": it is empty")
		if err := verb.Flags().Set(f.Name, "x"); err != nil {
			t.Fatal(err)
		}
		return true
	})
}

// TestEmptyInAList does so with lists of texts, of which one or all are empty.
func TestEmptyInAList(t *testing.T) {
	for list, why := range map[string]string{"": "it is empty", ",": "it is empty", "help,,info": "one of its values is empty", "help,": "one of its values is empty"} {
		verb, _, err := cli.Command(cli.Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)}).Find([]string{"cat"})
		if err != nil {
			t.Fatal(err)
		}
		if err := verb.Flags().Set("kinds", list); err != nil {
			t.Fatal(err)
		}
		refused(t, verb, "--kinds: "+why)
	}
}

// refused holds that a verb is misused as its flags are, and says why.
func refused(t *testing.T, verb *cobra.Command, why string) {
	t.Helper()
	if err := verb.RunE(verb, nil); exit.CodeOf(err) != exit.Misused || !strings.Contains(err.Error(), why) {
		t.Errorf("%s: %v; want %s", verb.CommandPath(), err, why)
	}
}

// TestWholeNumbersAreDecimal holds that a leading zero changes nothing, and that no other base is taken.
func TestWholeNumbersAreDecimal(t *testing.T) {
	for text, want := range map[string]string{"0100": "100", "000": "0", "12": "12", "+7": "7", "0x10": "", "0b1": "", "1_000": "", "": "", "1e3": "", "-": ""} {
		root := cli.Command(cli.Streams{In: strings.NewReader(""), Out: new(bytes.Buffer), Err: new(bytes.Buffer)})
		verb, _, err := root.Find([]string{"cat"})
		if err != nil {
			t.Fatal(err)
		}
		err = verb.Flags().Set("limit", text)
		if got := verb.Flags().Lookup("limit").Value.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q is %s, error %v; want %q", text, got, err, want)
		}
	}
}

package selection

import (
	"io"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"reprise/cmd/internal/exit"
)

// parse reads a command line's flags.
func parse(t *testing.T, args ...string) (Choice, Picked) {
	t.Helper()
	var c Choice
	var p Picked
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	c.Add(f)
	p.Add(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return c, p
}

func TestSelection(t *testing.T) {
	c, p := parse(t, "--from", "2022-11-25 13:00", "--to", "2022-11-25T20:00:00Z", "--tz", "America/New_York", "--kinds", "help,status",
		"--vendors", " twilio, plivo", "--limit", "3", "--record", "5,7-9", "--path", "/sms")
	got, err := c.Selection()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Into(&got); err != nil || p.None() {
		t.Fatalf("Into = %v, None = %v", err, p.None())
	}
	from, to := time.Date(2022, 11, 25, 18, 0, 0, 0, time.UTC), time.Date(2022, 11, 25, 20, 0, 0, 0, time.UTC)
	if !got.From.Equal(from) || !got.To.Equal(to) || len(got.Kinds) != 2 || got.Vendors[0] != "twilio" || got.Vendors[1] != "plivo" || got.Limit != 3 {
		t.Errorf("%+v", got)
	}
	if len(got.Records) != 2 || len(got.Paths) != 1 {
		t.Errorf("picked %v, %v", got.Records, got.Paths)
	}
}

func TestSelectionRefused(t *testing.T) {
	for _, args := range [][]string{
		{"--from", "yesterday"},
		{"--tz", "Nowhere"},
		{"--from", "2022-11-26", "--to", "2022-11-25"},
		{"--kinds", "hello"},
		{"--record", "9-5"},
		{"--skip-record", "x"},
		{"--path", "sms"},
	} {
		c, p := parse(t, args...)
		sel, err := c.Selection()
		if err == nil {
			err = p.Into(&sel)
		}
		if exit.CodeOf(err) != exit.Misused {
			t.Errorf("%q: %v, which ends with code %d", args, err, exit.CodeOf(err))
		}
	}
}

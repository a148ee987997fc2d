package cli

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // so that --tz works on machines without a zone database

	"github.com/spf13/pflag"

	"reprise/capture/localtime"
	"reprise/cmd/internal/exit"
)

// window is a stretch of recorded time, from its start to just before its end; zero times are open ends.
type window struct {
	from, to time.Time
}

// windowFlags are --from, --to and --tz.
type windowFlags struct {
	from, to, zone string
}

func (w *windowFlags) add(f *pflag.FlagSet) {
	f.StringVar(&w.from, "from", "", "leave out what came before `T`: RFC 3339, or \"2022-11-28 12:00\" in --tz")
	f.StringVar(&w.to, "to", "", "leave out what came at or after `T`")
	f.StringVar(&w.zone, "tz", "UTC", "time `ZONE` of --from and --to, such as America/New_York")
}

func (w *windowFlags) parse() (window, error) {
	zone, err := time.LoadLocation(w.zone)
	if err != nil {
		return window{}, exit.Misuse("--tz: %s", noZone(w.zone))
	}
	var out window
	if out.from, err = parseTime(w.from, zone); err != nil {
		return out, exit.Misuse("--from: %v", err)
	}
	if out.to, err = parseTime(w.to, zone); err != nil {
		return out, exit.Misuse("--to: %v", err)
	}
	if !out.from.IsZero() && !out.to.IsZero() && !out.from.Before(out.to) {
		return out, exit.Misuse("--from is not before --to")
	}
	return out, nil
}

// noZone says that a name is no time zone's; it is no secret.
func noZone(name string) string {
	return fmt.Sprintf("no time zone is called %q, but such as America/New_York", name)
}

func parseTime(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, _, err := localtime.Parse(s, zone)
	if errors.Is(err, localtime.ErrNoTime) {
		return t, fmt.Errorf("%q is no time: write 2022-11-28T12:00:00Z or \"2022-11-28 12:00\"", s)
	}
	return t, err
}

package cli

import (
	"slices"

	"github.com/spf13/pflag"

	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/profile"
	"reprise/capture/source/stored"
	"reprise/cmd/internal/exit"
)

// dialectFlag names the profiles of vendors that are not built in.
type dialectFlag struct{ files []string }

func (o *dialectFlag) add(f *pflag.FlagSet) {
	f.StringArrayVar(&o.files, "dialect", nil, "a vendor of your own, as a profile: a YAML `FILE` (see reprise template dialect); the corpus remembers it")
}

// vendorsOf returns the vendors that are built in and those that a corpus file remembers.
func vendorsOf(corpus string) (dialect.Table, error) { return new(dialectFlag).table(corpus) }

// canMake refuses a profile that does not say how requests are made up.
func (o *dialectFlag) canMake(vendors dialect.Table) error {
	for _, v := range vendors.All() {
		if v.Definition() != "" && v.Maker == nil {
			return exit.Hint(exit.Misuse("--dialect: the profile of %s does not say how a request is made up", v.Name), "reprise template dialect shows what stands under synth:")
		}
	}
	return nil
}

// table is the vendors that are built in, those of the flag, and those that the corpora of these names remember, compressed or not. What is
// no corpus, whoever reads it says.
func (o *dialectFlag) table(names ...string) (dialect.Table, error) {
	var given, definitions []string
	for _, name := range o.files {
		v, err := profile.ReadFile(name)
		if err != nil {
			return dialect.Table{}, exit.Misuse("--dialect: %v", err)
		}
		if slices.Contains(given, v.Name) {
			return dialect.Table{}, exit.Misuse("--dialect: two profiles are of %s", v.Name)
		}
		given, definitions = append(given, v.Name), append(definitions, v.Definition())
	}
	for _, name := range names {
		if name == "-" {
			continue // it can be read once; what opens it asks it
		}
		if h, ok := stored.Header(name); ok {
			definitions = append(definitions, h.Dialects...)
		}
	}
	t, err := all.With(definitions)
	if err != nil {
		return dialect.Table{}, exit.With(exit.Damaged, err)
	}
	return t, nil
}

package cli

import (
	"github.com/spf13/pflag"

	"reprise/capture/corpus"
	"reprise/capture/dialect"
	"reprise/capture/dialect/all"
	"reprise/capture/dialect/profile"
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

// table is the vendors that are built in, those of the flag, and those that the corpus files of these names remember. What is no corpus
// file, whoever reads it says.
func (o *dialectFlag) table(names ...string) (dialect.Table, error) {
	var definitions []string
	for _, name := range o.files {
		v, err := profile.ReadFile(name)
		if err != nil {
			return dialect.Table{}, exit.Misuse("--dialect: %v", err)
		}
		definitions = append(definitions, v.Definition())
	}
	for _, name := range names {
		r, err := corpus.Open(name)
		if err != nil {
			continue
		}
		definitions = append(definitions, r.Header().Dialects...)
		r.Close()
	}
	t, err := all.With(definitions)
	if err != nil {
		return dialect.Table{}, exit.With(exit.Damaged, err)
	}
	return t, nil
}

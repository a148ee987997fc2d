// Package all is the list of the vendors that reprise knows.
package all

import (
	"fmt"
	"slices"
	"sync"

	"reprise/capture/dialect"
	"reprise/capture/dialect/bandwidth"
	"reprise/capture/dialect/plivo"
	"reprise/capture/dialect/profile"
	"reprise/capture/dialect/telnyx"
	"reprise/capture/dialect/twilio"
	"reprise/capture/dialect/vonage"
)

// Table returns every vendor's dialect, in the order of detection. A header of any vendor's own goes before the
// shape of a payload, and those that are built in go before those that come as profiles.
func Table() dialect.Table { return table() }

var table = sync.OnceValue(func() dialect.Table {
	return dialect.NewTable(twilio.New(), telnyx.New(), plivo.New(), vonage.New(), bandwidth.New()).Behind(profile.Shipped()...)
})

// Extend returns a table with the vendors that these profiles define and that it lacks. Of a table without vendors it is With.
func Extend(t dialect.Table, definitions []string) (dialect.Table, error) {
	known, err := With(definitions)
	if err != nil || len(t.All()) == 0 {
		return known, err
	}
	var lacking []*dialect.Vendor
	for _, v := range known.All() {
		if _, ok := t.Named(v.Name); !ok && v.Definition() != "" {
			lacking = append(lacking, v)
		}
	}
	if len(lacking) == 0 {
		return t, nil
	}
	return t.Before(lacking...), nil
}

// maxDefinitions bounds what is read out of the header of a corpus.
const maxDefinitions = 64

// With returns Table with the vendors in front that these profiles define, as the header of a corpus remembers them. Of two of one name the first counts.
func With(definitions []string) (dialect.Table, error) {
	if len(definitions) == 0 {
		return Table(), nil
	}
	if len(definitions) > maxDefinitions {
		return dialect.Table{}, fmt.Errorf("%d dialects are more than %d", len(definitions), maxDefinitions)
	}
	vs := make([]*dialect.Vendor, 0, len(definitions))
	for i, text := range definitions {
		v, err := profile.Read([]byte(text))
		if err != nil {
			return dialect.Table{}, fmt.Errorf("dialect %d: %w", i+1, err)
		}
		if !slices.ContainsFunc(vs, func(before *dialect.Vendor) bool { return before.Name == v.Name }) {
			vs = append(vs, v)
		}
	}
	return Table().Before(vs...), nil
}

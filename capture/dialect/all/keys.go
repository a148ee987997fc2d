package all

import (
	"slices"
	"strings"

	"reprise/capture/dialect"
)

// KeyMakers returns the names under which MakeKey makes keys: those of vendors, and of schemes that have names of their own,
// with a version where that makes a key of another kind.
func KeyMakers(t dialect.Table) (names []string) {
	for _, v := range t.All() {
		maker, ok := v.Scheme.(dialect.KeyMaker)
		switch named, has := maker.(interface{ Name() string }); {
		case !ok:
			continue
		case has:
			names = append(names, named.Name())
		}
		names = append(names, v.Name)
		for _, version := range maker.Versions() {
			names = append(names, v.Name+":"+version)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// KeyMaker returns the vendor for which keys are made under a name, which is that of the vendor or of its scheme, with a version behind
// a colon where the scheme has several: "svix:v1".
func KeyMaker(t dialect.Table, name string) (v *dialect.Vendor, maker dialect.KeyMaker, version string, ok bool) {
	name, version, _ = strings.Cut(name, ":")
	for _, v := range t.All() {
		maker, ok := v.Scheme.(dialect.KeyMaker)
		if !ok {
			continue
		}
		if named, has := maker.(interface{ Name() string }); v.Name == name || has && named.Name() == name {
			return v, maker, version, true
		}
	}
	return nil, nil, "", false
}

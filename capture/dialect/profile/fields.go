package profile

import (
	"maps"
	"slices"
	"strings"

	"reprise/capture/dialect"
	"reprise/capture/yamldoc"
)

// leastStem is how long the beginning of a value has to be that tells a type: "mo_*".
const leastStem = 3

// isEnum says whether the values that tell something by this field are few, so that they tell nothing of anyone.
func (f *field) isEnum() bool {
	open := func(values Values) bool {
		return slices.ContainsFunc(values, func(v string) bool {
			stem, isOpen := strings.CutSuffix(v, "*")
			return isOpen && len(stem) < leastStem
		})
	}
	known := false
	for _, values := range slices.Concat(f.when[:], f.unless[:]) {
		known = known || values != nil && !open(values)
	}
	for _, t := range f.tells {
		known = known || !open(t.values)
	}
	return known
}

// completeClasses gives each named field its class in the payloads of the type that does not name it: what it is in the others,
// and Keep for what only tells one payload from another by a few values. What holds anything else is Unknown.
func (d *reader) completeClasses(layout dialect.Layout) {
	for name, f := range d.fields {
		for i, variant := range layout.Variants {
			if _, ok := variant[name]; ok {
				continue
			}
			switch {
			case f.roles != [events]role{}:
				variant[name] = layout.Variants[1-i][name]
			case f.isEnum():
				variant[name] = dialect.Keep
			default:
				variant[name] = dialect.Unknown
			}
		}
	}
}

// addClasses adds lists of names by their class to all variants that do not have them.
func addClasses(layout dialect.Layout, key string, lists map[string]yamldoc.Texts) error {
	size := 0
	for _, names := range lists {
		size += len(names)
	}
	listed := make(map[string]string, size)
	for _, class := range slices.Sorted(maps.Keys(lists)) {
		c, err := dialect.ParseClass(class)
		if err != nil {
			return &Error{Field: key, Reason: err.Error()}
		}
		names, err := expanded(lists[class])
		if err != nil {
			return &Error{Field: key + "." + class, Reason: err.Error()}
		}
		for _, written := range names {
			name, header, reason := fieldName(written)
			if header {
				reason = "headers stand under headers"
			}
			if other, twice := listed[name]; twice && other != class {
				reason = "a field of it is listed under " + other + ", too"
			}
			if reason != "" {
				return &Error{Field: key + "." + class, Reason: reason}
			}
			listed[name] = class
			for _, variant := range layout.Variants {
				switch had, ok := variant[name]; {
				case !ok:
					variant[name] = c
				case had == dialect.Text && c == dialect.JSON:
					variant[name] = dialect.TextJSON
				}
			}
		}
	}
	return nil
}

func addHeaderClasses(to dialect.Fields, lists map[string]yamldoc.Texts) error {
	listed := make(map[string]string)
	for _, class := range slices.Sorted(maps.Keys(lists)) {
		names := lists[class]
		c, err := dialect.ParseClass(class)
		if err != nil {
			return &Error{Field: "headers", Reason: err.Error()}
		}
		for _, name := range names {
			lower := strings.ToLower(strings.TrimPrefix(name, headerMark))
			if other, twice := listed[lower]; twice && other != class {
				return &Error{Field: "headers." + class, Reason: "a header of it is listed under " + other + ", too"}
			}
			listed[lower] = class
			if _, ok := to[lower]; !ok {
				to[lower] = c
			}
		}
	}
	return nil
}

// headerMark stands before the name of a header.
const headerMark = "header:"

// fieldName turns a name of a profile into one of dialect.Field's, and says whether it is that of a header (in lower case) and what
// is wrong with it.
func fieldName(name string) (field string, header bool, reason string) {
	if rest, ok := strings.CutPrefix(name, headerMark); ok {
		if rest == "" {
			return "", true, "header: is followed by a name"
		}
		return strings.ToLower(rest), true, ""
	}
	rest, ok := strings.CutPrefix(name, "/")
	switch {
	case name == "":
		return "", false, "a field's name is empty"
	case !ok:
		return name, false, ""
	}
	steps := strings.Split(rest, "/")
	for i, step := range steps {
		if step == "-" || step != "" && strings.Trim(step, "0123456789") == "" {
			return "", false, "an array's elements are all meant by *"
		}
		if strings.Contains(step, "~") {
			steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		}
	}
	return strings.Join(steps, "."), false, ""
}

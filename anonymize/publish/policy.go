package publish

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"reprise/anonymize"
	"reprise/capture/dialect"
	"reprise/capture/yamldoc"
)

// policyFile is a policy as YAML.
type policyFile struct {
	Version int                    `yaml:"version"`
	Vendors map[string]policyRules `yaml:"vendors"`
	Paths   []string               `yaml:"paths"`
}

// policyRules are one vendor's: a field's name and what becomes of it.
type policyRules struct {
	Fields  map[string]string `yaml:"fields"`
	Headers map[string]string `yaml:"headers"`
}

// ReadPolicy returns the policy that is built in for some vendors, changed by what a YAML file says; "" is no file. WritePolicy says
// how it is written. What is wrong with its content is a *yamldoc.ContentError, which names the line.
func ReadPolicy(name string, vendors dialect.Table) (*anonymize.Policy, error) {
	p := anonymize.DefaultPolicy(vendors)
	if name == "" {
		return p, nil
	}
	var file policyFile
	text, err := yamldoc.ReadFile(name)
	if err != nil {
		return nil, err
	}
	wrong := func(format string, args ...any) (*anonymize.Policy, error) {
		return nil, &yamldoc.ContentError{Name: name, Err: fmt.Errorf(format, args...)}
	}
	doc, err := yamldoc.Decode(quotePaths(text), &file)
	if err != nil {
		return wrong("%w", err)
	}
	if file.Version != 1 {
		return wrong("it needs the line version: 1")
	}
	for i, path := range file.Paths {
		if err := p.AddPath(path); err != nil {
			return wrong("line %d: paths.%d: %w", doc.Line("paths", strconv.Itoa(i)), i, err)
		}
	}
	for _, vendor := range slices.Sorted(maps.Keys(file.Vendors)) {
		r := file.Vendors[vendor]
		for _, part := range [...]struct {
			name   string
			header bool
			rules  map[string]string
		}{{"fields", false, r.Fields}, {"headers", true, r.Headers}} {
			for _, field := range slices.Sorted(maps.Keys(part.rules)) {
				if err := p.Set(vendor, part.header, field, anonymize.Action(part.rules[field])); err != nil {
					line := doc.Line("vendors", vendor, part.name, field)
					return wrong("line %d: vendors.%s.%s.%s: %w", line, vendor, part.name, field, err)
				}
			}
		}
		if len(r.Fields)+len(r.Headers) == 0 {
			return wrong("vendors.%s has neither fields nor headers", vendor)
		}
	}
	return p, nil
}

// WritePolicy writes a policy as a file that ReadPolicy reads, with what it means as comments.
func WritePolicy(w io.Writer, p *anonymize.Policy) (err error) {
	say := func(format string, args ...any) {
		if _, e := fmt.Fprintf(w, format, args...); e != nil && err == nil {
			err = e
		}
	}
	say("# What becomes of each field: policy %s.\n", p.Name())
	say("# Actions: keep, keyword, phone, id, text, geo, name, email, link, blank, drop. A name that ends in # stands for all that end in a\n")
	say("# number there, * for every element of an array. What is not listed is blanked and counted; headers that say how to read a\n")
	say("# request (Content-Type, Content-Length, Host, Accept, ...) stay, and all others go.\n")
	say("# other: stands for payloads of no known vendor, of which each value becomes another one of its class. A rule of it names a field\n")
	say("# in full or by its last key; those that are built in keep only what looks like one word of a program.\n")
	say("version: 1\n")
	printPaths(say, p.Routes())
	say("vendors:\n")
	lastVendor, lastPart := "", ""
	p.Each(func(vendor string, header bool, name string, action anonymize.Action) {
		part := "fields"
		if header {
			part = "headers"
		}
		if vendor != lastVendor {
			say("  %s:\n", vendor)
			lastVendor, lastPart = vendor, ""
		}
		if part != lastPart {
			say("    %s:\n", part)
			lastPart = part
		}
		say("      %q: %s\n", name, action)
	})
	return err
}

// printPaths prints which segments of a path stay.
func printPaths(say func(string, ...any), routes anonymize.Routes) {
	say("# Of a path stay the segments that are words of this list, alone or joined by -, _ and .; and those that paths: names, as in\n")
	say("# /hooks/{tenant}/inbound, where {tenant} is replaced. All others are replaced, each by one that looks like it. The list:\n")
	line := "#"
	for _, word := range routes.Words {
		if len(line)+1+len(word) > 120 {
			say("%s\n", line)
			line = "#"
		}
		line += " " + word
	}
	say("%s\n", line)
	if len(routes.Paths) == 0 {
		say("paths: []\n")
		return
	}
	say("paths:\n")
	for _, pattern := range routes.Paths {
		say("  - %q\n", pattern)
	}
}

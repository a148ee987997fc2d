package ingest

import (
	"reprise/capture"
	"reprise/capture/sms"
	"reprise/capture/yamldoc"
)

// ReadKeywords makes Options.Keywords of the brand's own words, whose messages are of kind capture.CustomKeyword, and of a YAML file
// of kind: [words]; "" is no file. What is wrong with the file's content is a *yamldoc.ContentError.
func ReadKeywords(own []string, file string) (map[capture.Kind][]string, error) {
	words := make(map[capture.Kind][]string)
	if len(own) > 0 {
		words[capture.CustomKeyword] = own
	}
	if file == "" {
		return words, nil
	}
	var byName map[string][]string
	if _, err := yamldoc.Load(file, &byName); err != nil {
		return nil, err
	}
	more, err := sms.ParseKeywords(byName)
	if err != nil {
		return nil, &yamldoc.ContentError{Name: file, Err: err}
	}
	for kind, list := range more {
		words[kind] = append(words[kind], list...)
	}
	return words, nil
}

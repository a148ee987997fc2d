package live

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// Figure is a figure of the platform's own that is taken while a run goes on.
type Figure struct {
	// Name is how it is called, Query what is asked, in PromQL.
	Name, Query string
	// URL is the address of a Prometheus, without its API's path.
	URL *url.URL
	// HeaderFile and BearerFile name the files that hold what is sent with each question: a header, and a token. Header is what they hold.
	HeaderFile, BearerFile string
	Header                 http.Header
}

// The longest name and query of a figure.
const (
	longestName  = 200
	longestQuery = 4096
)

// ParseFigure reads prometheus=URL,query=QUERY and, each where it is given, name=NAME, header=@FILE and bearer=@FILE. A query may hold
// commas within its brackets and quotes. Errors quote no value: a URL may hold a secret by mistake.
func ParseFigure(text string) (f Figure, err error) {
	seen := make(map[string]bool)
	for _, part := range cutParts(text) {
		name, value, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		switch {
		case !ok || !isPart(name):
			return f, errors.New("write prometheus=URL,query=QUERY and what else is needed of name=NAME, header=@FILE, bearer=@FILE")
		case seen[name]:
			return f, fmt.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if err := f.set(name, strings.TrimSpace(value)); err != nil {
			return f, err
		}
	}
	switch {
	case f.URL == nil:
		return f, errors.New("prometheus=URL is missing")
	case f.Query == "" || len(f.Query) > longestQuery:
		return f, fmt.Errorf("query=QUERY is missing, or longer than %d bytes", longestQuery)
	case f.HeaderFile != "" && f.BearerFile != "":
		return f, errors.New("give header=@FILE or bearer=@FILE, not both")
	case f.Name == "":
		f.Name = string([]rune(f.Query)[:min(len([]rune(f.Query)), 60)])
	case len(f.Name) > longestName || strings.ContainsFunc(f.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return f, fmt.Errorf("a name is at most %d bytes that can be printed", longestName)
	}
	return f, nil
}

func isPart(name string) bool {
	switch name {
	case "prometheus", "query", "name", "header", "bearer":
		return true
	}
	return false
}

func (f *Figure) set(name, value string) (err error) {
	file, isFile := strings.CutPrefix(value, "@")
	switch name {
	case "prometheus":
		f.URL, err = ParseAddress(value)
		return err
	case "query":
		f.Query = value
		return nil
	case "name":
		f.Name = value
		return nil
	}
	if !isFile || file == "" {
		return fmt.Errorf("%s: write %s=@FILE: secrets come from files alone", name, name)
	}
	if name == "header" {
		f.HeaderFile = file
	} else {
		f.BearerFile = file
	}
	return nil
}

// cutParts cuts at commas that stand outside of brackets and quotes (those of PromQL).
func cutParts(text string) (parts []string) {
	depth, quote, from := 0, byte(0), 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '(' || c == '{' || c == '[':
			depth++
		case c == ')' || c == '}' || c == ']':
			depth--
		case c == ',' && depth <= 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// ParseAddress reads the address of a service that is asked or told while a run goes on: http or https, a host, perhaps a path. Its
// errors quote nothing of it.
func ParseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("it is no URL of the form http://HOST:PORT or https://HOST")
	case u.User != nil:
		return nil, errors.New("a URL must not hold a user or a password: secrets come from files alone")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("a URL must not hold a query or a fragment: the API's path and its parameters are added to it")
	}
	return u, nil
}

// Host is what of an address is told: its scheme and host.
func Host(u *url.URL) string { return u.Scheme + "://" + u.Host }

// sameHost follows redirects within a host alone, three at most: what is sent with a question is for that host.
func sameHost(r *http.Request, via []*http.Request) error {
	if len(via) > 3 || r.URL.Scheme != via[0].URL.Scheme || r.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

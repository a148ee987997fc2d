package live

import (
	"strings"
	"testing"
)

func TestParseFigure(t *testing.T) {
	for _, tc := range []struct{ text, name, query, url, header, bearer, err string }{
		{text: "prometheus=http://10.0.0.5:9090,query=up", name: "up", query: "up", url: "http://10.0.0.5:9090"},
		{text: `prometheus=https://p.example/prom/, query=sum by (a, b) (rate(x{a="1,2",name=~"b"}[1m])), name=pool`, name: "pool", query: `sum by (a, b) (rate(x{a="1,2",name=~"b"}[1m]))`, url: "https://p.example/prom/"},
		{text: `query=a{b='}',c="\",name=x"},prometheus=http://h,bearer=@token`, name: `a{b='}',c="\",name=x"}`, query: `a{b='}',c="\",name=x"}`, url: "http://h", bearer: "token"},
		{text: "prometheus=http://h,query=up == 1,header=@h", name: "up == 1", query: "up == 1", url: "http://h", header: "h"},
		{text: "prometheus=http://h,query=" + strings.Repeat("x", 100), name: strings.Repeat("x", 60), query: strings.Repeat("x", 100), url: "http://h"},
		{text: "", err: "write prometheus=URL"},
		{text: "prometheus=http://h", err: "query=QUERY is missing"},
		{text: "query=up", err: "prometheus=URL is missing"},
		{text: "prometheus=http://h,query=up,hunter2=x", err: "write prometheus=URL"},
		{text: "prometheus=http://h,query=a,query=b", err: "query is there twice"},
		{text: "prometheus=http://u:hunter2@h,query=up", err: "must not hold a user"},
		{text: "prometheus=http://h:hunter2,query=up", err: "no URL of the form"},
		{text: "prometheus=ftp://h,query=up", err: "no URL of the form"},
		{text: "prometheus=http://h?token=hunter2,query=up", err: "must not hold a query"},
		{text: "prometheus=http://h,query=up,bearer=hunter2", err: "secrets come from files alone"},
		{text: "prometheus=http://h,query=up,bearer=@a,header=@b", err: "not both"},
		{text: "prometheus=http://h,query=up,name=" + strings.Repeat("x", 201), err: "a name is at most"},
		{text: "prometheus=http://h,query=up,name=a\x1bb", err: "a name is at most"},
	} {
		f, err := ParseFigure(tc.text)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%.40s: %v, want %s", tc.text, err, tc.err)
			}
			continue
		}
		if err != nil || f.Name != tc.name || f.Query != tc.query || f.URL.String() != tc.url || f.HeaderFile != tc.header || f.BearerFile != tc.bearer {
			t.Errorf("%.40s: %+v, %v", tc.text, f, err)
		}
	}
}

func FuzzParseFigure(f *testing.F) {
	f.Add(`prometheus=http://h,query=sum by (a, b) (x{a="1"}),name=b,bearer=@c`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Join(cutParts(text), ",") != text {
			t.Errorf("%q is cut into %q", text, cutParts(text))
		}
		if fig, err := ParseFigure(text); err == nil && (fig.Name == "" || fig.Query == "" || fig.URL == nil || fig.URL.User != nil) {
			t.Errorf("%q: %+v", text, fig)
		}
	})
}

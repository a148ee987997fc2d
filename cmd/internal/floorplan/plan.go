// Package floorplan holds who may import whom, as a table that its test checks against the files themselves.
package floorplan

// Module is the module's path.
const Module = "reprise"

// Room is one package (or, ending in "/*", every package directly below a folder) and what of this module it
// may import. A name ending in "/*" allows every package directly below.
type Room struct {
	Name string
	May  []string
}

// Everywhere lists what every room may import: the file that gets its name when it is whole.
func Everywhere() []string { return []string{"capture/output"} }

// Plan is the table. The first row that matches a package counts.
//
// Two rooms were added to the first plan. capture/output, because corpora, run files and reports all get
// their names when they are whole. fixtures/export knows records alone: what other tools read is made of nothing else. render sees pace's Play, which says for whom a request is. anonymize/texts, because anonymize and fixtures write texts by one
// grammar, whose vocabulary the audit then knows whole.
// replay/send/proxytest is the proxy that tests of the engines and of the command line send through.
// replay/session is the way from a corpus to a run, replay/rounds that from several runs to a verdict; both read files, which compare and
// results do not. replay/control steers a run from another process, replay/completed joins completions to a run file.
// x/sys is output's too: renaming without replacing, and locks, are the system's.
// client_golang has two homes: a run's metrics and a sink's share no metric, and neither may import the other's room.
//
// capture/corpus sees sms to name the person behind each record that it reads: a file holds addresses as vendors spell them.
//
// capture/keyed and capture/payload hold what dialect had that is no vendor's: permutations, fresh ids and HMACs; and how values
// are written.
func Plan() []Room {
	return []Room{
		{"capture", nil},
		{"capture/output", nil},
		{"capture/keyed", nil},
		{"capture/payload", []string{"capture"}},
		{"capture/sms", []string{"capture"}},
		{"capture/credentials", []string{"capture/source/open", "capture/dialect", "capture/dialect/all", "capture/dialect/signature", "capture/yamldoc"}},
		{"capture/sms/numberfile", []string{"capture/sms"}},
		{"capture/frame", nil},
		// wire says how a record becomes a request; whoever sends, exports or serves one asks it.
		{"capture/wire", []string{"capture"}},
		// pages is what a run's dashboard and metrics and a sink's metrics are served by.
		{"capture/pages", nil},
		{"capture/yamldoc", nil},
		// columns knows records and how bodies are split, and nothing of files.
		{"capture/internal/columns", []string{"capture", "capture/payload", "capture/frame"}},
		{"capture/corpus", []string{"capture", "capture/frame", "capture/internal/columns", "capture/sms"}},
		{"capture/localtime", nil},
		// wording is the small words that the report packages of all rooms share.
		{"capture/wording", nil},
		// splitmix draws without state: plans, samples, generated traffic and the audit's filters rest on it.
		{"capture/splitmix", nil},
		// ingest makes a corpus of files: it opens them, recognises what they are, has a source read them, and annotates and sorts.
		{"capture/ingest", []string{
			"capture/internal/rows", "capture", "capture/sms", "capture/payload", "capture/corpus", "capture/dialect", "capture/dialect/all", "capture/source/open", "capture/source/logs",
			"capture/source/packet", "capture/source/goreplay", "capture/source/har", "capture/source/messages", "capture/source/hookdeck", "capture/source/proxy", "capture/source/traces", "capture/yamldoc",
		}},
		// report words what ingest did and what corpora hold.
		{"capture/report", []string{"capture", "capture/wording", "capture/corpus", "capture/ingest", "capture/source/logs"}},
		{"capture/source/open", []string{"capture"}},
		// stored gives a corpus as users name it: a path, stdin, compressed, or lines as cat prints them, of which it makes one.
		{"capture/source/stored", []string{"capture", "capture/sms", "capture/corpus", "capture/dialect", "capture/dialect/all", "capture/source/logs", "capture/source/open"}},
		{"capture/dialect", []string{"capture", "capture/splitmix", "capture/sms", "capture/payload"}},
		{"capture/dialect/all", []string{"capture/dialect", "capture/dialect/*"}},
		// profile reads vendors out of files of settings.
		{"capture/dialect/profile", []string{"capture", "capture/sms", "capture/payload", "capture/yamldoc", "capture/dialect", "capture/dialect/signature", "capture/dialect/dialecttest"}},
		// A vendor that is built in may sign as those of profiles do: by a token.
		{"capture/dialect/*", []string{"capture", "capture/sms", "capture/payload", "capture/keyed", "capture/dialect", "capture/dialect/signature", "capture/dialect/dialecttest"}},
		// Its maps are files of settings, its times may be local ones, and forms are encoded as vendors do.
		{"capture/source/logs", []string{"capture", "capture/internal/rows", "capture/dialect", "capture/localtime", "capture/wire", "capture/source/open", "capture/yamldoc"}},
		// http1 reads the messages that several kinds of recording hold as they were sent.
		{"capture/internal/http1", []string{"capture", "capture/wire"}},
		// proxy bounds its connections as the other servers do.
		{"capture/source/proxy", []string{"capture", "capture/internal/http1", "capture/pages", "capture/wire"}},
		// rows cuts what sources read into rows: objects of JSON, and records of tables.
		{"capture/internal/rows", nil},
		// messages rebuilds requests as vendors write them, of exports whose columns each vendor's own package names.
		{"capture/source/messages", []string{
			"capture", "capture/sms", "capture/payload", "capture/dialect", "capture/internal/rows", "capture/source/open", "capture/yamldoc",
		}},
		// hookdeck is no dialect: the gateway writes no requests of its own, and keeps those of all vendors. So it is a source that knows rows as messages reads
		// them, beside the recordings of other tools.
		{"capture/source/hookdeck", []string{"capture", "capture/payload", "capture/dialect"}},
		{"capture/source/*", []string{"capture", "capture/internal/http1", "capture/internal/rows", "capture/wire", "capture/source/open"}},
		{"anonymize", []string{"capture", "capture/sms", "capture/payload", "capture/keyed", "capture/dialect", "anonymize/texts"}},
		{"anonymize/texts", []string{"capture", "capture/sms"}},
		{"anonymize/audit", []string{"capture", "capture/sms", "capture/splitmix"}},
		{"anonymize/report", []string{"capture/wording", "anonymize", "anonymize/audit", "anonymize/publish", "capture/corpus", "capture/dialect"}},
		// publish rewrites, audits and publishes, of corpora as users name them; it hands the generator's vocabulary and the vendors' tables to the audit, which
		// knows neither.
		{"anonymize/publish", []string{
			"capture", "capture/sms", "capture/sms/numberfile", "capture/payload", "capture/corpus", "capture/dialect", "capture/dialect/all", "capture/yamldoc",
			"capture/source/stored", "anonymize", "anonymize/texts", "anonymize/audit",
		}},
		{"replay", []string{"capture", "capture/wire", "replay/pace"}},
		{"replay/pace", []string{"capture/splitmix"}},
		{"replay/render", []string{"capture", "capture/wire", "capture/sms", "capture/payload", "capture/keyed", "capture/dialect", "replay", "replay/pace"}},
		{"replay/send", []string{"capture/wire", "replay"}},
		{"replay/send/proxytest", nil},
		{"replay/internal/answers", nil},
		{"replay/completions", []string{"capture/wire"}},
		{"replay/results", []string{"capture", "capture/wording", "capture/frame", "capture/wire", "replay", "replay/cause", "replay/internal/answers"}},
		// cause says why a run was slow, over columns that whoever has the run and its corpus fills in: pure.
		{"replay/cause", []string{"capture"}},
		// A comparison carries for whom a run was slower, which rounds has cause find.
		{"replay/compare", []string{"capture", "capture/wire", "replay", "replay/cause", "replay/internal/answers", "replay/results"}},
		// report words what its room's front doors did too: what a session planned and who becomes whom by it.
		{"replay/report", []string{"capture", "capture/wording", "capture/sms", "capture/sms/numberfile", "replay", "replay/pace", "replay/cause", "replay/completions", "replay/results", "replay/compare", "replay/session", "replay/experiment"}},
		{"replay/live", []string{"capture", "capture/pages", "replay", "replay/results", "replay/report"}},
		{"replay/control", []string{"replay"}},
		{"replay/completed", []string{
			"capture", "capture/source/open", "capture/source/stored", "capture/wire", "capture/yamldoc", "replay", "replay/completions", "replay/render", "replay/results",
		}},
		// explain puts a run, its corpus and its completions together for cause, which reads no file; wire tells requests of two runs apart.
		{"replay/explain", []string{
			"capture", "capture/corpus", "capture/dialect", "capture/dialect/all", "capture/sms", "capture/source/stored", "capture/wire", "replay", "replay/cause", "replay/completed", "replay/completions", "replay/render", "replay/results",
		}},
		// experiment plays a run again, as it was and with one thing changed, to try what explain found.
		{"replay/experiment", []string{
			"capture", "capture/sms", "capture/sms/numberfile", "replay/cause", "replay/completed", "replay/explain", "replay/rounds", "replay/session",
		}},
		{"replay/session", []string{
			"capture", "capture/localtime", "capture/splitmix", "capture/corpus", "capture/source/open", "capture/source/stored", "capture/dialect", "capture/dialect/all", "capture/sms", "capture/sms/numberfile", "capture/wording", "capture/yamldoc", "replay", "replay/internal/answers",
			"replay/pace", "replay/render", "replay/results", "replay/send",
		}},
		{"replay/rounds", []string{"capture/yamldoc", "replay/compare", "replay/completed", "replay/explain", "replay/completions", "replay/results", "replay/session"}},
		{"fixtures/internal/*", nil},
		// synth counts requests in recordings, by whatever ingest reads; the map of a log may be a file.
		{"fixtures/synth", []string{"capture", "capture/splitmix", "capture/localtime", "capture/sms", "capture/dialect", "capture/dialect/all", "capture/yamldoc", "capture/keyed", "capture/corpus", "capture/ingest", "capture/source/logs", "capture/source/open", "anonymize/texts", "fixtures/internal/*"}},
		{"fixtures/sample", []string{"capture", "capture/splitmix", "capture/corpus", "capture/wire", "capture/sms", "capture/payload", "capture/dialect", "capture/dialect/all", "fixtures/internal/*"}},
		{"fixtures/report", []string{"capture", "capture/wording", "capture/dialect", "fixtures/export", "fixtures/sample", "fixtures/sink", "fixtures/synth"}},
		{"fixtures/senders", []string{"capture", "capture/sms"}},
		{"fixtures/export", []string{"capture", "capture/corpus", "capture/wire", "capture/dialect", "capture/dialect/all"}},
		{"fixtures/sink", []string{"capture", "capture/pages", "capture/wire", "capture/sms", "capture/dialect", "capture/yamldoc"}},
		{"fixtures/webhooktest", []string{
			"capture", "capture/wire", "capture/corpus", "capture/payload", "capture/keyed", "capture/dialect", "capture/dialect/all", "replay", "replay/pace", "replay/render",
		}},
		{"cmd/reprise", []string{"cmd/internal/cli"}},
		{"cmd/internal/cli", []string{"*"}},
		// demo calls every room's front door, and prints the command lines that do the same.
		{"cmd/internal/demo", []string{
			"capture/corpus", "capture/dialect", "capture/ingest", "capture/report", "capture/source/logs", "capture/source/open",
			"anonymize/publish", "anonymize/report", "fixtures/sink", "replay", "replay/explain", "replay/report", "replay/results", "replay/rounds", "replay/send", "replay/session",
			"cmd/internal/exit", "cmd/internal/outputs", "cmd/internal/terminal",
		}},
		{"cmd/internal/terminal", nil},
		{"cmd/internal/exit", nil},
		{"cmd/internal/garbage", nil},
		{"cmd/internal/help", []string{"cmd/internal/exit"}},
		// outputs looks at what verbs write before they begin; left of earlier runs may be corpora, run files and exports.
		{"cmd/internal/outputs", []string{
			"anonymize", "capture", "capture/corpus", "capture/wording", "fixtures/export", "replay", "replay/results", "cmd/internal/exit", "cmd/internal/help", "cmd/internal/terminal",
		}},
		// inputs says what a file is that is no corpus and no run file: whoever owns a kind of file is asked for its mark.
		{"cmd/internal/inputs", []string{
			"anonymize", "capture/corpus", "capture/frame", "capture/ingest", "capture/report", "capture/source/logs", "capture/source/open", "capture/source/stored", "replay/results", "cmd/internal/exit",
		}},
		{"cmd/internal/signing", []string{"capture/credentials", "capture/dialect", "capture/dialect/signature", "capture/wording", "cmd/internal/exit"}},
		{"cmd/internal/build", nil},
		{"cmd/internal/selection", []string{"capture", "capture/corpus", "capture/dialect/all", "capture/localtime", "capture/wording", "cmd/internal/exit"}},
		{"cmd/internal/floorplan", nil},
	}
}

// Home says which rooms may import a dependency; its types do not cross their borders.
func Home() map[string][]string {
	return map[string][]string{
		"github.com/google/gopacket":                 {"capture/source/packet"},
		"github.com/klauspost/compress":              {"capture/frame", "capture/source/open"},
		"github.com/cespare/xxhash/v2":               {"capture/corpus"}, // the digests of records
		"github.com/nyaruka/phonenumbers":            {"capture/sms"},
		"github.com/brianvoe/gofakeit/v7":            {"anonymize/texts"},
		"github.com/spf13/pflag":                     {"cmd/internal/cli", "cmd/internal/help", "cmd/internal/outputs", "cmd/internal/selection"},
		"github.com/spf13/cobra":                     {"cmd/internal/cli", "cmd/internal/help", "cmd/internal/outputs"}, // help lays out the verbs that cli makes, outputs looks at their flags; all are the command line
		"github.com/HdrHistogram/hdrhistogram-go":    {"replay/results"},
		"github.com/prometheus/client_golang":        {"replay/live", "fixtures/sink"},
		"github.com/valyala/fasthttp":                {"fixtures/sink"},
		"gonum.org/v1/gonum":                         {"replay/compare", "replay/cause"},
		"go.yaml.in/yaml/v3":                         {"capture/yamldoc"},
		"golang.org/x/term":                          {"cmd/internal/terminal"},                                                                                // by x/sys, on every system: a character device need be no terminal
		"golang.org/x/sys":                           {"replay/send", "capture/source/packet", "replay/control", "replay/session", "replay", "capture/output"}, // replay: how long a machine slept; control: who owns a folder and who is at the other end of a socket; session: how many files may be open
		"golang.org/x/net":                           {"replay/send"},
		"golang.org/x/text":                          {"anonymize/audit", "capture/sms"},
		"github.com/rogpeppe/go-internal/testscript": {"cmd/reprise"},
		"github.com/rogpeppe/go-internal/diff":       {"fixtures/webhooktest"},
		"github.com/rogpeppe/go-internal/gotooltest": {"cmd/reprise"},
		"github.com/rogpeppe/go-internal/txtar":      {"cmd/reprise"},
		"testing":                                    {"capture/dialect/dialecttest", "capture/source/sourcetest", "fixtures/webhooktest"},
		"testing/synctest":                           {"fixtures/webhooktest"},
		"net/http/httptest":                          {"fixtures/webhooktest"},
	}
}

// TopLevel lists what the module's folder holds, and nothing else.
func TopLevel() []string {
	return []string{
		".ci", ".git", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "KNOWN_ISSUES.md", "LICENSE", "Makefile", "README.md",
		"SECURITY.md", "anonymize", "capture", "cmd", "docs", "fixtures", "go.mod", "go.sum", "replay",
	}
}

// Offered says of each package that no other room imports why it is no internal one all the same: who outside of this module, or which
// stranger's work inside it, takes it. A name ending in "/*" stands for every package directly below.
func Offered() map[string]string {
	return map[string]string{
		"capture/dialect/*":           "a vendor: the next one is written after it, here or in another module",
		"capture/dialect/dialecttest": "the suite that a vendor's test runs, here or in another module",
		"capture/source/packet":       "packet captures as a source, for programs that do more with records than make a corpus of them",
		"capture/source/goreplay":     "recordings of GoReplay as a source, for such programs",
		"capture/source/har":          "HTTP archives as a source, for such programs",
		"capture/source/traces":       "logs that tell of a request in several lines as a source, for such programs",
		"capture/source/hookdeck":     "the rows of a gateway's export, for such programs; the next gateway is written after it",
		"capture/source/sourcetest":   "the suite that a source's test runs, here or in another module",
		"fixtures/webhooktest":        "the helper of tests in other modules",
		"replay/cause":                "the search for causes over columns of one's own: the box of faults judges it, and programs with results of another tool",
		"replay/send/proxytest":       "a proxy for tests of what sends through one, here or in another module",
	}
}

// LongestFile is the number of lines at which a Go file is stopped; tables and tests apart.
const LongestFile = 600

// NamesVendors lists the files outside capture/dialect whose texts may hold a vendor's name, each with its reason.
func NamesVendors() map[string]string {
	return map[string]string{
		"anonymize/texts/phrases.go":        "a carrier is called like one, among the names of carriers that are made up",
		"capture/sms/keyword.go":            "the name of the default keyword profile, as files of corpora hold it",
		"capture/source/logs/presetlist.go": "the addresses at which a cloud documents its logs",
		"capture/source/logs/nginx.go":      "the headers of a log format that users have in their nginx configuration",
		"cmd/internal/cli/capture.go":       "the help of --keyword-profile, whose default is that profile",
		"cmd/internal/cli/replay.go":        "an example of a command",
		"cmd/internal/cli/sink.go":          "an example of a command",
	}
}

package help

// fewFlags is the number of flags up to which a verb's help needs no groups.
const fewFlags = 12

// flagRow is one group of flags, or of verbs: its title, and their names in the order of the help, between blanks.
type flagRow struct{ title, names string }

// flagTable says to which group of a long help a flag belongs, whichever verb has it.
func flagTable() []flagRow {
	return []flagRow{
		{"Tempo and volume", "time-scale volume shape ramp max-rate max-gap outage drain drain-order loop limit messages"},
		{"Selection", "from to tz peak kinds skip-kinds vendors path skip-path method sample record skip-record port"},
		{"Order", "shuffle-kinds per-sender retries"},
		{"Identity", "recipients senders keep-ids seed key-file ledger map-recipients pool"},
		{"Request", "target upstream forwarded header host path-rewrite restamp sign sign-profile sign-url trace"},
		{"Engine", "max-in-flight connections affinity late timeout " +
			"http2 pacing workers"},
		{"Connection", "cacert insecure cert key proxy proxy-auth"},
		{"Reading the input", "as try preset map receipts spread vendor dialect keywords keywords-file keyword-profile"},
		{"Rewriting", "policy strict rebase"},
		{"What to make", "curve spec mix count"},
		{"Playing several runs", "test cause base candidate rounds confirm warm-up keep-runs"},
		{"Judging", "expect fail-on baseline noise learn-noise"},
		{"Behaviour", "behaviour latency jitter latency-of errors work work-of"},
		{"Listening", "listen tls tls-ca-out max-connections verify verify-profile"},
		{"Replies of a platform", "forward inbound send-api replies-to reply-window reply-most"},
		{"Completions", "completions completions-base completions-candidate completions-map completions-offset completions-wait corpus"},
		{"Watching", "dashboard metrics metrics-linger watch annotate progress control"},
		{"Stopping", "stop-on resume"},
		{"Safety", "allow-host allow-raw dry-run"},
		{"Output", "output label rotate-size rotate-every force format log report details json quiet help"},
	}
}

// verbTable says in which group of the program's help a verb stands.
func verbTable() []flagRow {
	return []flagRow{
		{"Begin", "demo vendors template"},
		{"Record traffic and make it safe", "capture anonymize audit keygen"},
		{"Play it and judge", "replay ctl report why compare history"},
		{"Look into files and mend them", "inspect cat merge repair"},
		{"Test without a recording", "fixtures sink"},
		{"The program itself", "version completion"},
	}
}

// usedMost lists the flags that come first in the help of a verb with many, ten at most.
func usedMost(verb string) []string {
	return map[string][]string{
		"replay":          {"target", "output", "time-scale", "volume", "peak", "kinds", "sign", "expect", "allow-host", "dry-run"},
		"sink":            {"listen", "latency", "jitter", "errors", "behaviour", "log", "verify", "completions", "tls", "metrics"},
		"report":          {"output", "details", "corpus", "completions", "expect", "format", "json"},
		"why":             {"corpus", "completions", "test", "target", "cause", "output", "json"},
		"compare":         {"output", "fail-on", "base", "candidate", "rounds", "confirm", "baseline", "format", "json"},
		"anonymize":       {"output", "policy", "report", "key-file", "ledger", "strict"},
		"fixtures synth":  {"curve", "spec", "messages", "output", "seed", "dry-run"},
		"template spec":   {"curve", "spec", "messages", "seed"},
		"fixtures export": {"format", "output", "target", "sign"},
		"cat":             {"from", "to", "kinds", "vendors", "record", "limit", "output"},
		"capture":         {"output", "try", "as", "map", "port", "path", "vendor"},
		"capture pcap":    {"output", "port", "path", "keywords", "vendor"},
		"capture proxy":   {"listen", "upstream", "output", "rotate-every", "rotate-size", "path", "keywords"},
		"capture logs":    {"output", "preset", "map", "keywords", "vendor"},
	}[verb]
}

package logs

// preset is a well-known log.
type preset struct {
	name string
	of   string // what it is
	from string // who writes it, and how
	m    Map
	// tells are places that a line of such a log has, and hardly another. A preset of text is told by its pattern, and by likely, where set:
	// the pattern would also match other logs.
	tells  []string
	likely string
}

// quoted is a string between quotes within a pattern.
const quoted = `"(?:[^"\\]|\\.)*"`

// combined begins the patterns of access logs of nginx and Apache. The first column is there where a log is of several hosts.
const combined = `^(?:(?P<host>[\w.-]+:\d+) )?\S+ \S+ .*?\[(?P<time>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "(?P<request>(?:[^"\\]|\\.)*)" (?:(?P<status>\d{3})|-) (?:\d+|-)`

// presets are the well-known logs. Those that have no URL say how collectors wrap the lines of an application, whose own map goes on from there.
func presets() []preset {
	return []preset{
		{
			name: PresetNginx, of: "nginx, in JSON", m: nginxMap(),
			from:  "nginx with the log_format that reprise template log-format nginx prints",
			tells: []string{"/ts", "/method", "/uri", "/host", "/body", "/status", "/request_time"},
		},
		{
			name: PresetCat, of: "reprise cat", m: catMap(),
			from:  "reprise cat",
			tells: []string{"/time", "/offset_ns", "/kind", "/method", "/url"},
		},
		{
			name: "combined-body", of: "nginx, in combined format with the body behind it",
			from: `nginx with log_format … '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$request_body"'`,
			m: Map{
				Format: InputText, Pattern: combined + ` ` + quoted + ` "(?P<agent>(?:[^"\\]|\\.)*)" "(?P<body>(?:[^"\\]|\\.)*)"$`,
				TimeFormat: "%d/%b/%Y:%H:%M:%S %z", Headers: Headers{Each: []HeaderAt{{"User-Agent", "agent"}}}, BodyEncoding: EncodingNginx,
			},
			likely: `(?:=|\\x22:|\{)[^ ]*"\s*$`, // else it is a list of addresses, as is usual there
		},
		{
			name: "combined", of: "nginx or Apache, in common or combined format",
			from: "nginx and Apache as they are installed, also with the host before the line or more behind it",
			m: Map{
				Format: InputText, Pattern: combined + `(?: ` + quoted + ` "(?P<agent>(?:[^"\\]|\\.)*)".*)?$`,
				TimeFormat: "%d/%b/%Y:%H:%M:%S %z", Headers: Headers{Each: []HeaderAt{{"User-Agent", "agent"}}}, NoBody: NoBodySkip,
			},
		},
		{
			name: "caddy", of: "caddy",
			from: "caddy's access log, with the bodies where its Caddyfile has within a route: vars body {http.request.body} and log_append body {vars.body}",
			m: Map{
				Time: "/ts", TimeFormat: FormatUnix, TimeIs: TimeIsEnd, Method: "/request/method", URL: "/request/uri", Host: "/request/host",
				Headers: Headers{At: "/request/headers"}, Body: "/body", Status: "/status", Latency: "/duration", LatencyUnit: "s", NoBody: NoBodySkip,
				Where: map[string]string{"/msg": "handled request"},
			},
			tells: []string{"/ts", "/request/method", "/request/uri", "/request/headers", "/resp_headers", "/duration"},
		},
		{
			name: "haproxy", of: "HAProxy, in JSON",
			from: "HAProxy with the log-format that reprise template log-format haproxy prints",
			m: Map{
				Time: "/ts", TimeFormat: FormatUnix, Method: "/method", URL: "/uri", Host: "/host", Headers: Headers{At: "/headers"},
				Body: "/body_base64", BodyEncoding: EncodingBase64, Status: "/status", Latency: "/ms", LatencyUnit: "ms",
			},
			tells: []string{"/ts", "/ms", "/method", "/uri", "/host", "/headers", "/body_base64"},
		},
		{
			name: "haproxy-httplog", of: "HAProxy, as option httplog writes",
			from: "HAProxy with option httplog, also behind what syslog puts before a line; its times are local ones, of the zone in tz",
			m: Map{
				Format: InputText,
				Pattern: `^(?:.*\]: )?\S+:\d+ \[(?P<time>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] \S+ \S+ -?\d+/-?\d+/-?\d+/-?\d+/\+?(?:(?P<latency>\d+)|-1) ` +
					`(?:(?P<status>\d{3})|-1) .*"(?P<request>[^"]*)"$`,
				TimeFormat: "%d/%b/%Y:%H:%M:%S.%f", LatencyUnit: "ms", NoBody: NoBodySkip,
			},
		},
		{
			name: "alb", of: "an Application Load Balancer of AWS",
			from: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
			m: Map{
				Format: InputText,
				Pattern: `^(?:https?|h2|grpcs?|wss?) \S+ \S+ \S+ \S+ \S+ (?:(?P<latency>[\d.]+)|-1) \S+ (?:(?P<status>\d{3})|-) \S+ \d+ \d+ ` +
					`"(?P<request>[^"]*)" "(?P<agent>(?:[^"\\]|\\.)*)" \S+ \S+ \S+ ` + quoted + ` ` + quoted + ` ` + quoted + ` \S+ (?P<time>\S+)`,
				TimeFormat: FormatRFC3339, Headers: Headers{Each: []HeaderAt{{"User-Agent", "agent"}}}, NoBody: NoBodySkip,
			},
		},
		{
			name: "envoy", of: "envoy or Istio, in JSON",
			from: "https://istio.io/latest/docs/tasks/observability/logs/access-log/ and envoy with a json_format of the same names",
			m: Map{
				Time: "/start_time", TimeFormat: FormatRFC3339, Method: "/method", URL: "/path", Host: "/authority",
				Headers: Headers{Each: []HeaderAt{{"User-Agent", "/user_agent"}}}, Status: "/response_code", Latency: "/duration", LatencyUnit: "ms", NoBody: NoBodySkip,
			},
			tells: []string{"/start_time", "/method", "/path", "/response_code", "/response_flags", "/authority"},
		},
		{
			name: "envoy-text", of: "envoy or Istio, as it is installed",
			from: "https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage",
			m: Map{
				Format: InputText,
				Pattern: `^\[(?P<time>\d{4}-\d\d-\d\dT[^\]]+)\] "(?P<request>[^"]*)" (?P<status>\d+) .*?(?P<latency>\d+) (?:\d+|-) ` +
					quoted + ` "(?P<agent>(?:[^"\\]|\\.)*)" ` + quoted + ` "(?P<host>[^"]*)"`,
				TimeFormat: FormatRFC3339, Headers: Headers{Each: []HeaderAt{{"User-Agent", "agent"}}}, LatencyUnit: "ms", NoBody: NoBodySkip,
			},
		},
		{
			name: "gcp", of: "Google Cloud, with httpRequest",
			from: "https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry ; where a body is, its application says: put it into a map, body: /jsonPayload/…",
			m: Map{
				Time: "/timestamp", TimeFormat: FormatRFC3339, Method: "/httpRequest/requestMethod", URL: "/httpRequest/requestUrl",
				Headers: Headers{Each: []HeaderAt{{"User-Agent", "/httpRequest/userAgent"}}}, Status: "/httpRequest/status", Latency: "/httpRequest/latency", NoBody: NoBodySkip,
			},
			tells: []string{"/timestamp", "/httpRequest/requestMethod", "/httpRequest/requestUrl", "/logName"},
		},
		{
			name: "cloudfront", of: "CloudFront",
			from: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
			m: Map{
				Format: InputText,
				Pattern: `^(?P<time>\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d)\t\S+\t\S+\t\S+\t(?P<method>[A-Z]+)\t\S+\t(?P<url>\S+)\t(?:(?P<status>\d{3})|\S+)\t\S+\t\S+\t(?:-|(?P<query>\S+))\t` +
					`[^\t]*\t\S+\t\S+\t(?P<host>\S+)\t\S+\t\S+\t(?P<latency>[\d.]+)`,
				TimeFormat: "%Y-%m-%d\t%H:%M:%S", TimeIs: TimeIsEnd, LatencyUnit: "s", NoBody: NoBodySkip,
			},
		},
		{
			name: "iis", of: "IIS, with the fields that it has as it is installed",
			from: "https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging",
			m: Map{
				Format:     InputText,
				Pattern:    `^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \S+ (?P<method>[A-Z]+) (?P<url>/\S*) (?:-|(?P<query>\S+)) \d+ \S+ \S+ (?P<agent>\S+) \S+ (?P<status>\d{3}) \d+ \d+ (?P<latency>\d+)`,
				TimeFormat: "%Y-%m-%d %H:%M:%S", TimeIs: TimeIsEnd, Headers: Headers{Each: []HeaderAt{{"User-Agent", "agent"}}}, LatencyUnit: "ms", NoBody: NoBodySkip,
			},
		},
		{
			name: "cloudflare", of: "Cloudflare's Logpush, of HTTP requests",
			from: "https://developers.cloudflare.com/logs/reference/log-fields/zone/http_requests/",
			m: Map{
				Time: "/EdgeStartTimestamp", Method: "/ClientRequestMethod", URL: "/ClientRequestURI", Host: "/ClientRequestHost",
				Headers: Headers{Each: []HeaderAt{{"User-Agent", "/ClientRequestUserAgent"}}}, Status: "/EdgeResponseStatus", NoBody: NoBodySkip,
			},
			tells: []string{"/EdgeStartTimestamp", "/ClientRequestMethod", "/ClientRequestURI", "/EdgeResponseStatus"},
		},
		{
			name: "traefik", of: "Traefik, in JSON",
			from: "https://doc.traefik.io/traefik/observability/access-logs/",
			m: Map{
				Time: "/StartUTC", TimeFormat: FormatRFC3339, Method: "/RequestMethod", URL: "/RequestPath", Host: "/RequestHost", Status: "/DownstreamStatus",
				Latency: "/Duration", LatencyUnit: "ns", NoBody: NoBodySkip,
			},
			tells: []string{"/StartUTC", "/RequestMethod", "/RequestPath", "/DownstreamStatus", "/Duration"},
		},
		{
			name: "fluent-bit", of: "an application, as Fluent Bit writes it", from: "https://docs.fluentbit.io/manual/pipeline/filters/kubernetes",
			m: Map{Unwrap: []string{"/log"}, Time: "/date"}, tells: []string{"/date", "/log"},
		},
		{
			name: "fluent-bit-file", of: "an application, as Fluent Bit's file output writes it", from: "https://docs.fluentbit.io/manual/pipeline/outputs/file",
			m: Map{
				Format: InputText, Pattern: `^[^\s:]+: \[(?P<time>\d+\.\d+), (?P<message>\{.*\})\]$`, TimeFormat: FormatUnix, Unwrap: []string{"message"},
			},
		},
		{
			name: "gcp-payload", of: "an application, as Google Cloud keeps it", from: "https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry",
			m: Map{Unwrap: []string{"/jsonPayload"}, Time: "/timestamp"}, tells: []string{"/jsonPayload", "/logName", "/timestamp"},
		},
		{
			name: "docker", of: "an application, as Docker keeps it", from: "https://docs.docker.com/engine/logging/drivers/json-file/",
			m: Map{Unwrap: []string{"/log"}, Time: "/time"}, tells: []string{"/log", "/stream", "/time"},
		},
		{
			name: "kubernetes", of: "an application, as Kubernetes keeps it", from: "https://kubernetes.io/docs/concepts/cluster-administration/logging/ (CRI), /var/log/pods; lines of over 16 kB come in pieces and are not read",
			m: Map{
				Format: InputText, Pattern: `^(?P<time>\d{4}-\d\d-\d\dT\S+) std(?:out|err) F (?P<message>.*)$`, TimeFormat: FormatRFC3339, Unwrap: []string{"message"},
			},
		},
		{
			name: "cloudwatch-export", of: "an application, as CloudWatch exports it", from: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html",
			m: Map{
				Format: InputText, Pattern: `^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<message>.*)$`, TimeFormat: FormatRFC3339, Unwrap: []string{"message"},
			},
			likely: `Z \{`,
		},
		{
			name: "cloudwatch-events", of: "an application, as CloudWatch gives its events", from: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html",
			m:     Map{Unwrap: []string{"/events", "/message"}, Time: "/timestamp", TimeFormat: FormatUnixMilli},
			tells: []string{"/events/0/timestamp", "/events/0/message"},
		},
		{
			name: "cloudwatch-subscription", of: "an application, as CloudWatch sends it to a subscription",
			from:  "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
			m:     Map{Unwrap: []string{"/logEvents", "/message"}, Time: "/timestamp", TimeFormat: FormatUnixMilli, Where: map[string]string{"/messageType": "DATA_MESSAGE"}},
			tells: []string{"/messageType", "/logGroup", "/logEvents"},
		},
		{
			name: "cloudwatch-insights", of: "an application, as Insights gives it, as CSV or JSON",
			from:  "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html",
			m:     Map{Unwrap: []string{"/@message"}, Time: "/@timestamp"},
			tells: []string{"/@message", "/@timestamp"},
		},
		{
			name: "datadog", of: "an application, in an archive of Datadog", from: "https://docs.datadoghq.com/logs/log_configuration/archives/",
			m: Map{Unwrap: []string{"/attributes"}, Time: "/date"}, tells: []string{"/_id", "/date", "/attributes", "/service"},
		},
		{
			name: "vector", of: "an application, as Vector writes it", from: "https://vector.dev/docs/reference/configuration/sources/docker_logs/",
			m: Map{Unwrap: []string{"/message"}, Time: "/timestamp"}, tells: []string{"/message", "/source_type", "/timestamp"},
		},
	}
}

package logs

// LogFormat returns the configuration that makes a web server write what the preset of its name reads, with bodies and headers. There is
// one for nginx, caddy and haproxy.
func LogFormat(preset string) (text string, ok bool) {
	switch preset {
	case PresetNginx:
		return nginxLogFormat(), true
	case "caddy":
		return caddyLogFormat, true
	case "haproxy":
		return haproxyLogFormat, true
	}
	return "", false
}

// caddyLogFormat takes the body before the proxy reads it: when the line is written it is gone.
const caddyLogFormat = `# In the site's block of a Caddyfile; tried with caddy 2.10.2. A body that is not UTF-8 is not logged byte for byte.
log {
	output file /var/log/caddy/webhooks.log
	format json
}
route {
	vars body {http.request.body}
	log_append body {vars.body}
	reverse_proxy 127.0.0.1:8080
}
`

const haproxyLogFormat = `# A line of HAProxy's log is cut at the len of its log line, and a body at tune.bufsize less tune.maxrewrite. Lines that stdout does not take
# at once are dropped: show info counts them as DroppedLogs.
global
    log stdout len 65535 format raw local0 info
    tune.bufsize 65536

frontend webhooks
    mode http
    bind :80
    log global
    option http-buffer-request
    http-request set-var(txn.method) method
    http-request set-var(txn.uri) url
    http-request set-var(txn.host) req.hdr(host)
    http-request set-var(txn.headers) req.hdrs
    http-request set-var(txn.body) req.body
    log-format '{"ts":%Ts.%ms,"ms":%Ta,"status":%ST,"method":"%[var(txn.method),json(utf8s)]","uri":"%[var(txn.uri),json(utf8s)]","host":"%[var(txn.host),json(utf8s)]","headers":"%[var(txn.headers),json(utf8s)]","body_base64":"%[var(txn.body),base64]"}'
    default_backend app
`

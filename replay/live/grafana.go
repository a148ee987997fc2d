package live

import _ "embed" // the dashboard

// Grafana is a dashboard of the metrics, to be imported into Grafana 10 and later.
//
//go:embed grafana/reprise.json
var Grafana string

//go:build soak

package main

import (
	"testing"
	"time"
)

// What README promises of kills, as often as chance needs: kills_test.go has the short form.
func TestSoakKills(t *testing.T) { newKilled(t).kills(50) }

// TestSoakStreamKills kills captures of a pipe.
func TestSoakStreamKills(t *testing.T) { newKilled(t).streamKilled(50, time.Second) }

// TestSoakStreamFlat captures a long pipe.
func TestSoakStreamFlat(t *testing.T) { newKilled(t).streamFlat(5_000_000) }

// TestSoakProxyKills kills recording proxies under load; the script capture_proxy has the short form.
func TestSoakProxyKills(t *testing.T) { newKilled(t).proxyKilled(20, time.Second) }

// TestSoakTwoWriters starts two writers of one output at once.
func TestSoakTwoWriters(t *testing.T) { newKilled(t).doubles(50) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// busyShare is the share of all processors' time that is used, by whomever, over a while: what a machine is that is called quiet.
func busyShare(ctx context.Context, d time.Duration) (float64, error) {
	used, all, err := processorTime()
	if err != nil {
		return 0, err
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	usedThen, allThen, err := processorTime()
	return (usedThen - used) / max(allThen-all, 1), err
}

// processorTime reads how much time all processors were used, and had, in ticks.
func processorTime() (used, all float64, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	return parseProcessorTime(string(text))
}

// parseProcessorTime reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal.
func parseProcessorTime(text string) (used, all float64, err error) {
	fields := strings.Fields(text)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, errors.New("read /proc/stat: its first line is not that of all processors")
	}
	for i, f := range fields[1:9] {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("read /proc/stat: %w", err)
		}
		all += n
		if i != 3 && i != 4 {
			used += n
		}
	}
	return used, all, nil
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// sink starts reprise sink on a port of its own and returns its URL, and what ends it.
func (b *bench) sink(ctx context.Context, flags ...string) (url string, stop func() error, err error) {
	cmd := exec.CommandContext(ctx, b.reprise, append([]string{"sink", "--listen", "127.0.0.1:0", "--quiet"}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Process.Kill()
		return "", nil, errors.Join(fmt.Errorf("sink %v: it did not start", flags), cmd.Wait())
	}
	return strings.TrimSpace(line), func() error {
		return errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait())
	}, nil
}

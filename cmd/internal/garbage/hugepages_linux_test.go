package garbage

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// The heap has memory for huge pages, and not one page of what is not used.
func TestHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this system has no huge pages: ", err)
	}
	hugePages()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	most, size := 0, 0 // kB
	for lines := bufio.NewScanner(f); lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "Size: %d kB", &size)
		if flags := strings.Fields(lines.Text()); flags[0] == "VmFlags:" && slices.Contains(flags, "hg") && slices.Contains(flags, "wr") {
			most = max(most, size)
		}
	}
	if most<<10 < grown/2 {
		t.Errorf("%d kB are advised to be of huge pages; %d wanted", most, grown>>10)
	}
}

package outputs

import (
	"os"
	"testing"

	"github.com/spf13/cobra"
)

// TestWordsAreNoFiles holds that a value which is one of the words that a flag takes is no input, whatever files there are.
func TestWordsAreNoFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("none", []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]int{"none": 0, "FILE": 1, "other": 1} {
		cmd := &cobra.Command{}
		cmd.Flags().String("progress", "auto", "how, `auto|none|FILE`")
		if err := cmd.Flags().Set("progress", value); err != nil {
			t.Fatal(err)
		}
		if ins, _ := filesOf(cmd, nil); len(ins) != want {
			t.Errorf("%s: %d inputs, want %d", value, len(ins), want)
		}
	}
}

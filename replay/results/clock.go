package results

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
)

// bootID is where Linux keeps an id of its start. Containers of one machine share it, as they share its clock.
const bootID = "/proc/sys/kernel/random/boot_id"

// ThisClock names this machine's clock for Header.Clock, without saying which machine that is: two programs on one machine have the
// same, on Linux. Other systems have no such name: "".
func ThisClock() string {
	id, err := os.ReadFile(bootID)
	if err != nil || len(id) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("reprise clock "), id...))
	return hex.EncodeToString(sum[:8])
}

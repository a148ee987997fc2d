package texts

// The names of senders that are words, not numbers. They are a closed set of MaxSenders for each length.
const (
	senderStem = "xsendername"
	// MaxSenders is how many names of three or more characters SenderName has for each length.
	MaxSenders = 26 * 26
	// MaxSenderLength is the length of the longest sender's name.
	MaxSenderLength = 11
)

// SenderNames returns how many names of n characters there are, n from 1 to MaxSenderLength.
func SenderNames(n int) int {
	if n < 3 {
		return 26
	}
	return MaxSenders
}

// SenderName returns sender name i of n characters, in lower case, 0 <= i < SenderNames(n).
func SenderName(n, i int) string {
	last := string(rune('a' + i%26))
	switch n {
	case 1:
		return last
	case 2:
		return "x" + last
	}
	return senderStem[:n-2] + string(rune('a'+i/26)) + last
}

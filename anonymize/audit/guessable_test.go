package audit

import "testing"

func TestGuessable(t *testing.T) {
	for _, tc := range []struct {
		id   string
		from int64 // how many records make it guessable; 0: no number does
	}{
		{"m-120000", 20},
		{"req-000101", 20},
		{"1234567890", 2000},
		{"message-00012345", 200},
		{"order_1001:7", 20},
		{"msg", 1},
		{"ADABF59C370BEB30", 1 << 28},
		{"SM0123456789abcdef0123456789abcdef", 0},
		{"01J9ZK3V5XQW8RT6YBN4MC2D1E", 0},
		{"123e4567-e89b-12d3-a456-426614174000", 0},
		{"https://a.example/1", 0},
	} {
		for _, n := range []int64{0, 1, 20, 200, 2000, 1 << 28} {
			k := keys{records: n}
			if got, want := k.guessable(tc.id), tc.from > 0 && n >= tc.from; got != want {
				t.Errorf("%q among %d records: %v", tc.id, n, got)
			}
		}
	}
}

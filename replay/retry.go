package replay

// retryHeap holds requests that are to be sent again, the earliest first.
type retryHeap []*Request

func (h *retryHeap) push(q *Request) {
	*h = append(*h, q)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if s[up].Deadline <= s[i].Deadline {
			return
		}
		s[up], s[i] = s[i], s[up]
		i = up
	}
}

// pop takes the earliest out.
func (h *retryHeap) pop() {
	s := *h
	n := len(s) - 1
	s[0], s[n] = s[n], nil
	s = s[:n]
	*h = s
	for i := 0; ; {
		low := i
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if s[child].Deadline < s[low].Deadline {
				low = child
			}
		}
		if low == i {
			return
		}
		s[low], s[i] = s[i], s[low]
		i = low
	}
}

package diag

// Nearest returns the candidate most like word, or "" when none is near enough to be worth a hint.
func Nearest(word string, candidates []string) string {
	best, limit := "", min(3, 1+len(word)/3)
	for _, c := range candidates {
		if d := distance(word, c, limit); d <= limit && c != word {
			best, limit = c, d-1
			if limit < 0 {
				break
			}
		}
	}
	return best
}

// distance is the Levenshtein distance, where a swap of neighbours counts one; above limit it is only known to be larger.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if lower(a[i-1]) == lower(b[j-1]) {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

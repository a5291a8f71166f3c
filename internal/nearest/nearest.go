// Package nearest finds the name that a misspelled word may have meant.
package nearest

import "strings"

// Of returns the name that is nearest to a word, "" when none is near enough: one
// slip in three letters.
func Of(word string, known []string) (near string) {
	best := max(1, len(word)/3) + 1
	for _, name := range known {
		if d := distance(strings.ToLower(word), name); d > 0 && d < best {
			near, best = name, d
		}
	}
	return near
}

// distance counts the slips between two words: letters that are missing, too many,
// others, or two that are swapped.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			d := row[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			next[j+1] = d
		}
		before, row = row, next
	}
	return row[len(b)]
}

// Work keeps a processor busy for about a second, with the kind of work that its argument
// names.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strconv"
)

type node struct{ left, right *node }

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{tree(depth - 1), tree(depth - 1)}
}

func (n *node) count() int {
	if n.left == nil {
		return 1
	}
	return 1 + n.left.count() + n.right.count()
}

func arithmetic() (inside int) {
	const size = 700
	for y := range size {
		for x := range size {
			cr, ci := 3*float64(x)/size-2, 2*float64(y)/size-1
			zr, zi := 0.0, 0.0
			n := 0
			for ; n < 400 && zr*zr+zi*zi < 4; n++ {
				zr, zi = zr*zr-zi*zi+cr, 2*zr*zi+ci
			}
			if n == 400 {
				inside++
			}
		}
	}
	return inside
}

func sorting() int {
	words := map[string]int{}
	state := uint32(1)
	for range 600000 {
		state = state*1664525 + 1013904223
		words[strconv.Itoa(int(state>>12))]++
	}
	sorted := make([]string, 0, len(words))
	for word := range words {
		sorted = append(sorted, word)
	}
	slices.Sort(sorted)
	return len(sorted[len(sorted)/2])
}

func collection() (nodes int) {
	for range 40 {
		nodes += tree(15).count()
	}
	return nodes
}

func hashing() int {
	data := make([]byte, 1<<20)
	sum := [32]byte{}
	for range 300 {
		copy(data, sum[:])
		sum = sha256.Sum256(data)
	}
	return int(sum[0])
}

func main() {
	switch os.Args[1] {
	case "start":
	case "arithmetic":
		fmt.Println(arithmetic())
	case "sorting":
		fmt.Println(sorting())
	case "collection":
		fmt.Println(collection())
	case "hashing":
		fmt.Println(hashing())
	}
}

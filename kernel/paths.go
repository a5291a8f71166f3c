package kernel

// pathTree counts the paths that lie in each directory, so that no search through all
// of them is needed to know whether one lies in or around others. Directories end in a
// slash.
type pathTree struct {
	paths map[string]int // the paths themselves
	below map[string]int // directories that they lie in
}

func newPathTree() pathTree { return pathTree{map[string]int{}, map[string]int{}} }

// parents yields the directories that a path lies in, the outermost first.
func parents(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(path)-1; i++ {
			if path[i] == '/' && !yield(path[:i+1]) {
				return
			}
		}
	}
}

func (t pathTree) add(path string) {
	t.paths[path]++
	for dir := range parents(path) {
		t.below[dir]++
	}
}

func (t pathTree) remove(path string) {
	drop(t.paths, path)
	for dir := range parents(path) {
		drop(t.below, dir)
	}
}

func drop(counts map[string]int, key string) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}

// around reports whether a path of the tree lies in the directory dir.
func (t pathTree) around(dir string) bool { return t.below[dir] > 0 }

// touches reports whether dir is a path of the tree, or lies in one, or around one.
func (t pathTree) touches(dir string) bool {
	if t.paths[dir] > 0 || t.around(dir) {
		return true
	}
	for parent := range parents(dir) {
		if t.paths[parent] > 0 {
			return true
		}
	}
	return false
}

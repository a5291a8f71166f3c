package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const (
	linksMax = 40   // symbolic links in one path, as on Linux
	pathMax  = 4096 // bytes of a path with its final NUL (PATH_MAX)
)

var errTooLong = errors.New("the path is longer than a system call takes")

// locate returns the directory of an entry, resolved, and its last component, which is
// not: "" for the root directory itself. Symbolic links in front of it are followed as in
// the root directory: absolute ones start there, and ".." never leads above it. Missing
// directories are made.
func (u *unpacker) locate(words []string) (dir, base string, err error) {
	if len(words) == 0 {
		return "", "", nil
	}
	last := words[len(words)-1]
	if last != ".." {
		words = words[:len(words)-1]
	}
	if dir, err = u.directory(words, true); err != nil {
		return "", "", err
	}
	if last == ".." {
		return path.Dir("/" + dir)[1:], path.Base(dir), nil
	}
	if len(dir)+len(last)+2 > pathMax {
		return "", "", errTooLong
	}
	return dir, last, nil
}

// components splits a name. Empty components and dots are dropped.
func components(name string) (words []string) {
	for word := range strings.SplitSeq(name, "/") {
		if word != "" && word != "." {
			words = append(words, word)
		}
	}
	return words
}

// directory resolves the path of a directory. If create is set, it makes missing ones.
func (u *unpacker) directory(words []string, create bool) (string, error) {
	whole := strings.Join(words, "/")
	if len(whole) >= pathMax {
		return "", errTooLong // before anything is made
	}
	if at, ok := u.resolved[whole]; ok {
		return at, nil
	}
	at, links := "", 0
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if word == ".." {
			at = strings.TrimPrefix(path.Dir("/"+at), "/")
			continue
		}
		next := path.Join(at, word)
		if len(next)+2 > pathMax {
			return "", errTooLong
		}
		info, err := u.root.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist) && create:
			if err := u.root.Mkdir(next, 0o755); err != nil {
				return "", err
			}
			u.made[next] = true
			at = next
		case err != nil:
			return "", err
		case info.IsDir():
			at = next
		case info.Mode()&fs.ModeSymlink != 0:
			if links++; links > linksMax {
				return "", fmt.Errorf("%q: too many levels of symbolic links", next)
			}
			target, err := u.root.Readlink(next)
			if err != nil {
				return "", err
			}
			if strings.HasPrefix(target, "/") {
				at = ""
			}
			words = append(components(target), words...)
		default:
			return "", fmt.Errorf("%q is not a directory", next)
		}
	}
	u.resolved[whole] = at
	return at, nil
}

// forget drops resolved paths after something that isn't a new name has changed.
func (u *unpacker) forget() { clear(u.resolved) }

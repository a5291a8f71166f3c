package lang

import (
	"fmt"

	"github.com/gozones/zones/internal/nearest"
)

// names are those of resources, of properties, or of both.
func names(ofResources, ofProperties bool) (list []string) {
	if ofResources {
		list = append(list, resources...)
	}
	if ofProperties {
		list = append(list, sortedProperties...)
	}
	return list
}

// hint says which name may have been meant, if one of those that are known is near.
func (s *Session) hint(word string, known ...string) {
	if !s.Hints || word == "" {
		return
	}
	if near := nearest.Of(word, known); near != "" {
		fmt.Fprintf(s.Err, "Did you mean '%s'?\n", near)
	}
}

package zone

import (
	"testing"

	"github.com/gozones/zones/internal/abitest"
)

func TestDefLayout(t *testing.T) { abitest.CheckLayout(t, "zone_def", def{}) }

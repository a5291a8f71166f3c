package skeleton

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/rootfs/sparse"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Installation describes the root directory to be installed.
type Installation struct {
	Zone   *zonecfg.Zone
	Root   string            // the root directory, which exists and is empty
	Option map[byte]string   // options of install: the arguments by letter
	Warn   func(line string) // gets what was left out of an archive; may be nil
}

// Install fills the root directory of a zone of a brand that has a
// [brand.Brand.Skeleton]; for other brands it returns an error. Archives are unpacked
// by the program zones-unpack, found through $ZONES_UNPACK, next to the running
// program, or in $PATH.
func Install(ctx context.Context, b *brand.Brand, i *Installation) error {
	switch b.Name {
	case "sparse":
		var points []string
		for _, fs := range i.Zone.FS {
			points = append(points, fs.Dir)
		}
		return sparse.Install(i.Root, i.Zone.Name, points)
	case "tar":
		source := i.Option['a']
		if source == "" {
			source = i.Option['t']
		}
		return i.unpack(ctx, source)
	}
	return fmt.Errorf("brand %s installs its zones by a hook", b.Name)
}

// unpack unpacks an archive by this project's zones-unpack.
func (i *Installation) unpack(ctx context.Context, source string) error {
	if source == "" {
		return errors.New("no archive given: use -a FILE")
	}
	if _, err := os.Stat(source); err != nil {
		// DIR:TAG is an image in a layout.
		layout := source[:max(strings.LastIndexByte(source, ':'), 0)]
		if info, layoutErr := os.Stat(layout); layoutErr != nil || !info.IsDir() {
			return err
		}
	}
	program, err := locate.Find("zones-unpack", "ZONES_UNPACK")
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, source, i.Root)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	var said bytes.Buffer
	command.Stderr = &said
	err = command.Run()
	text := strings.TrimSpace(said.String())
	switch {
	case err != nil && text != "":
		return errors.New(text)
	case err != nil:
		return fmt.Errorf("%s: %w", program, err)
	case text != "" && i.Warn != nil:
		for line := range strings.SplitSeq(text, "\n") {
			i.Warn(line)
		}
	}
	return nil
}

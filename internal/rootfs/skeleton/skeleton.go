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

// Installation is what a zone's root directory is to be made from.
type Installation struct {
	Zone   *zonecfg.Zone
	Root   string          // the root directory, which exists and is empty
	Option map[byte]string // of install: the arguments by their letters
}

// Install fills the root directory of a zone of a brand that has a
// [brand.Brand.Skeleton]; an error for every other brand. Archives are unpacked by
// the program zones-unpack, which is beside the running program, in $PATH, or what
// $ZONES_UNPACK names.
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
		return unpack(ctx, source, i.Root)
	}
	return fmt.Errorf("brand %s installs its zones by a hook", b.Name)
}

// unpack has an archive unpacked by a program of this project.
func unpack(ctx context.Context, source, root string) error {
	if source == "" {
		return errors.New("no archive given: use -a FILE")
	}
	if _, err := os.Stat(source); err != nil {
		return err
	}
	program, err := locate.Find("zones-unpack", "ZONES_UNPACK")
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, source, root)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	var said bytes.Buffer
	command.Stderr = &said
	err = command.Run()
	if text := strings.TrimSpace(said.String()); err != nil && text != "" {
		return errors.New(text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

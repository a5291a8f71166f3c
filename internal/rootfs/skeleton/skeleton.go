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
	Root   string          // the root directory, which exists and is empty
	Option map[byte]string // options of install: the arguments by letter
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
		return unpack(ctx, source, i.Root)
	}
	return fmt.Errorf("brand %s installs its zones by a hook", b.Name)
}

// unpack unpacks an archive by this project's zones-unpack.
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

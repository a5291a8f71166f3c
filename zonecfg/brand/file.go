package brand

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/zonecfg/internal/markup"
	"github.com/gozones/zones/zonecfg/internal/regular"
)

// load reads the files of a brand.
func load(dir, name string) (*Brand, error) {
	if name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." {
		return nil, fmt.Errorf("brand %q: %w", name, ErrUnknown)
	}
	path := filepath.Join(dir, name, "config.xml")
	config, err := read(path, "brand")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("brand %q: %w", name, ErrUnknown)
	}
	if err != nil {
		return nil, err
	}
	b := &Brand{Name: name, RestartInit: true, Hooks: map[Hook]string{}}
	if err := b.configure(config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	platform, err := read(filepath.Join(dir, name, "platform.xml"), "platform")
	if err == nil {
		b.equip(platform)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return b, nil
}

// read returns the root element of a file, which must have that name.
func read(path, name string) (*markup.Element, error) {
	text, err := regular.Read(path)
	if err != nil {
		return nil, err
	}
	doc, err := markup.ParseText(text)
	var syntax *markup.SyntaxError
	if errors.As(err, &syntax) {
		return nil, fmt.Errorf("%s:%d: %w", path, syntax.Line, err)
	}
	if err != nil {
		return nil, err
	}
	if doc.Root.Name != name {
		return nil, fmt.Errorf("%s:%d: <%s> where <%s> was expected", path, doc.Root.Line, doc.Root.Name, name)
	}
	return doc.Root, nil
}

// configure takes what a config.xml says of the brand.
func (b *Brand) configure(config *markup.Element) error {
	if name := config.Value("name"); name != b.Name {
		return fmt.Errorf("it describes brand %q", name)
	}
	for _, e := range config.Elements() {
		switch text := e.Text; e.Name {
		case "privilege":
			if err := b.privilege(e); err != nil {
				return err
			}
		case "modname":
			b.Module = text
		case "initname":
			b.InitName = text
		case "login_cmd":
			b.LoginCmd = text
		case "forcedlogin_cmd":
			b.ForcedLoginCmd = text
		case "user_cmd":
			b.UserCmd = text
		case "installopts":
			b.InstallOpts = text
		case "security-flags":
			b.SecurityFlags = text
		case "restartinit":
			b.RestartInit = text != "false"
		case "restartinit0":
			b.RestartInit0 = text != "false"
		case "restartinitreboot":
			b.RestartInitReboot = text != "false"
		default:
			b.Hooks[Hook(e.Name)] = text
		}
	}
	return nil
}

// privilege adds to one of the brand's lists of privileges.
func (b *Brand) privilege(e *markup.Element) error {
	entry := priv.Entry{Name: e.Value("name"), IPType: e.Value("ip-type")}
	switch set := e.Value("set"); set {
	case "default":
		b.Privileges.Default = append(b.Privileges.Default, entry)
	case "prohibited":
		b.Privileges.Prohibited = append(b.Privileges.Prohibited, entry)
	case "required":
		b.Privileges.Required = append(b.Privileges.Required, entry)
	default:
		return fmt.Errorf("privilege %s is in a set %q", entry.Name, set)
	}
	return nil
}

// equip takes what a platform.xml says of the brand.
func (b *Brand) equip(platform *markup.Element) {
	b.ExclusiveIP = platform.Value("allow-exclusive-ip") == "true"
	for _, e := range platform.Elements() {
		switch e.Name {
		case "global_mount":
			b.GlobalMounts = append(b.GlobalMounts, mountOf(e))
		case "mount":
			b.Mounts = append(b.Mounts, mountOf(e))
		case "device":
			b.Devices = append(b.Devices, Device{Match: e.Value("match"), Name: e.Value("name"), Arch: e.Value("arch"), IPType: e.Value("ip-type")})
		case "symlink":
			b.Symlinks = append(b.Symlinks, Symlink{Source: e.Value("source"), Target: e.Value("target")})
		}
	}
}

func mountOf(e *markup.Element) Mount {
	return Mount{Special: e.Value("special"), Directory: e.Value("directory"), Options: e.Value("opt"), Type: e.Value("type")}
}

package brand

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/priv"
)

// configFile is a brand's config.xml.
type configFile struct {
	XMLName    xml.Name `xml:"brand"`
	Name       string   `xml:"name,attr"`
	Privileges []struct {
		Set    string `xml:"set,attr"`
		Name   string `xml:"name,attr"`
		IPType string `xml:"ip-type,attr"`
	} `xml:"privilege"`
	Values []struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	} `xml:",any"`
}

// platformFile is a brand's platform.xml.
type platformFile struct {
	XMLName      xml.Name  `xml:"platform"`
	ExclusiveIP  string    `xml:"allow-exclusive-ip,attr"`
	GlobalMounts []Mount   `xml:"global_mount"`
	Mounts       []Mount   `xml:"mount"`
	Devices      []Device  `xml:"device"`
	Symlinks     []Symlink `xml:"symlink"`
}

// load reads the files of a brand.
func load(dir, name string) (*Brand, error) {
	if name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." {
		return nil, fmt.Errorf("brand %q: %w", name, ErrUnknown)
	}
	var config configFile
	if err := decode(filepath.Join(dir, name, "config.xml"), &config); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("brand %q: %w", name, ErrUnknown)
		}
		return nil, err
	}
	b, err := config.brand(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name, "config.xml"), err)
	}
	var platform platformFile
	err = decode(filepath.Join(dir, name, "platform.xml"), &platform)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	b.ExclusiveIP = platform.ExclusiveIP == "true"
	b.GlobalMounts, b.Mounts = platform.GlobalMounts, platform.Mounts
	b.Devices, b.Symlinks = platform.Devices, platform.Symlinks
	return b, nil
}

func decode(path string, into any) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := xml.NewDecoder(file)
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := decoder.Decode(into); err != nil {
		line, _ := decoder.InputPos()
		return fmt.Errorf("%s:%d: %w", path, line, err)
	}
	return nil
}

// brand turns the file's elements into fields.
func (c *configFile) brand(name string) (*Brand, error) {
	if c.Name != name {
		return nil, fmt.Errorf("it describes brand %q", c.Name)
	}
	b := &Brand{Name: name, RestartInit: true, Hooks: map[Hook]string{}}
	for _, value := range c.Values {
		switch text := value.Text; value.XMLName.Local {
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
			b.Hooks[Hook(value.XMLName.Local)] = text
		}
	}
	for _, p := range c.Privileges {
		e := priv.Entry{Name: p.Name, IPType: p.IPType}
		switch p.Set {
		case "default":
			b.Privileges.Default = append(b.Privileges.Default, e)
		case "prohibited":
			b.Privileges.Prohibited = append(b.Privileges.Prohibited, e)
		case "required":
			b.Privileges.Required = append(b.Privileges.Required, e)
		default:
			return nil, fmt.Errorf("privilege %s is in a set %q", p.Name, p.Set)
		}
	}
	return b, nil
}

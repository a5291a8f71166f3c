package zlogin

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Program is what a login runs in a zone.
type Program struct {
	Zone  string
	ID    zone.ID
	Cmd   zone.Cmd // without files; Path is the first of Paths
	Paths []string // candidate paths of the program, in the order they are tried
	// NeedsDir: fail if the directory can't be entered. Otherwise the program starts in the
	// root directory then.
	NeedsDir bool

	direct bool // run without a shell, so zlogin itself reports that the program is missing
}

// defaultPath is where programs are searched in zones.
const defaultPath = "/usr/sbin:/usr/bin"

// Program returns what a request runs in a running zone, after the checks of zlogin(1).
// Errors are of type *[Error].
func (l *Login) Program(o *Options) (*Program, error) {
	m := l.modeOf(o)
	if m == console {
		return nil, refused("Commands may not be specified for console login.")
	}
	t, err := l.admit(o, m)
	if err != nil {
		return nil, err
	}
	return l.program(t, o, m)
}

func (l *Login) program(t *target, o *Options, m mode) (*Program, error) {
	b, err := l.brandOf(t, o)
	if err != nil {
		return nil, err
	}
	p := &Program{Zone: t.name, ID: t.id}
	if b.Direct {
		err = l.direct(p, o, m)
	} else {
		err = l.system(p, b, t, o, m)
	}
	if err != nil {
		return nil, err
	}
	p.Cmd.Path = p.Paths[0]
	return p, nil
}

// brandOf opens the brand of the target's configuration.
func (l *Login) brandOf(t *target, o *Options) (*brand.Brand, error) {
	store := l.Store
	if o.Root != "" {
		store = zonecfg.Open(o.Root, l.RunDir)
	}
	config, err := store.Load(t.name)
	if err != nil {
		return nil, refused("could not get brand for zone " + t.name)
	}
	name := config.Brand
	if name == "" {
		if name, err = store.DefaultBrand(); err != nil {
			return nil, refused("unable to determine default brand")
		}
	}
	b, err := brand.Open(l.Brands, name)
	if err != nil {
		return nil, refused("could not open brand for zone " + t.name)
	}
	return b, nil
}

// system is the program of a brand of the system: login(1), or su(8) with the words
// joined into one text.
func (l *Login) system(p *Program, b *brand.Brand, t *target, o *Options, m mode) error {
	argv, err := systemArgs(b, t.forced, o)
	if err != nil {
		return failed("could not assemble new arguments", err)
	}
	p.Cmd.Args, p.Paths = argv, []string{argv[0]}
	if o.Exec {
		p.Paths, p.direct = search(argv[0], defaultPath), true
	}
	switch {
	case o.Safe:
		p.Cmd.Env = environment(defaultPath, l.Term, homeless(systemShell)...)
		return nil
	case m == interactive:
		p.Cmd.Env = environment(defaultPath, l.Term)
		p.Cmd.Login = true
		return nil
	}
	command := brand.Subst{User: o.User}.In(b.UserCmd)
	if command == "" {
		return refused("could not get user_cmd for zone " + t.name)
	}
	u := l.ask(t.id, command)
	p.of(u, defaultPath, l.Term, systemShell)
	if !o.Exec {
		return nil // su becomes the user
	}
	if u == nil && o.User != rootUser {
		return refused("unknown user '" + o.User + "' in zone " + t.name)
	}
	if o.User != rootUser {
		if u.Groups, err = l.groups(t.id, o.User); err != nil {
			return failed("could not get groups of user '"+o.User+"'", err)
		}
	}
	p.as(u)
	return nil
}

// systemArgs is the argument list of the system's brands.
func systemArgs(b *brand.Brand, forced bool, o *Options) ([]string, error) {
	switch {
	case o.Exec:
		return o.Words, nil
	case o.Safe && len(o.Words) > 0:
		return []string{systemShell, "-c", commandLine(o.Words)}, nil
	case o.Safe:
		return []string{systemShell}, nil
	case len(o.Words) > 0:
		return suWords(o.User, o.Words), nil
	}
	command := b.LoginCmd
	if forced {
		command = b.ForcedLoginCmd
	}
	return split(brand.Subst{Here: zone.GlobalName, User: o.User}.In(command))
}

// direct is the program of a zone without login and su: the user's shell, one word for
// that shell to read, or words that are executed as they are.
func (l *Login) direct(p *Program, o *Options, m mode) error {
	root, err := rootOf(l.Kernel, p.ID)
	if err != nil {
		return failed("could not open the root directory of zone "+p.Zone, err)
	}
	defer root.Close()
	where := directPath(root)
	shell := directShell
	if o.Safe {
		p.Cmd.Env = environment(where, l.Term, homeless(shell)...)
	} else {
		u, err := userInside(root, o.User)
		if err != nil {
			return failed("could not look up user '"+o.User+"' in zone "+p.Zone, err)
		}
		if u == nil && o.User != rootUser {
			return refused("unknown user '" + o.User + "' in zone " + p.Zone)
		}
		if name, err := zone.RootOf(l.Kernel, p.ID); u != nil && err == nil && scratchRoot(name) {
			u.Home = "/" // of the machine's home directories it has none
		}
		p.of(u, where, l.Term, shell)
		p.as(u)
		if u != nil && u.Shell != "" {
			shell = u.Shell
		}
		if m == interactive {
			p.Cmd.Env = append(p.Cmd.Env, "USER="+o.User) // as login programs on Linux do
		}
	}
	switch {
	case len(o.Words) == 0 && o.Safe:
		p.Cmd.Args, p.Paths = []string{path.Base(shell)}, []string{shell}
	case len(o.Words) == 0:
		p.Cmd.Args, p.Paths = []string{"-" + path.Base(shell)}, []string{shell}
	case len(o.Words) == 1 && !o.Exec:
		p.Cmd.Args, p.Paths = []string{"sh", "-c", o.Words[0]}, []string{directShell}
	default:
		p.Cmd.Args, p.Paths, p.direct = o.Words, search(o.Words[0], where), true
	}
	return nil
}

// directPath includes /sbin and /bin for zones where those aren't links into /usr.
func directPath(root *os.Root) string {
	where := defaultPath
	for _, dir := range []string{"/sbin", "/bin"} {
		if ownDir(root, dir) {
			where += ":" + dir
		}
	}
	return where
}

// of sets the environment and directory of a login as a user. u is nil for a user that
// the zone doesn't have.
func (p *Program) of(u *User, where, term, shell string) {
	if u == nil {
		p.Cmd.Env = environment(where, term, homeless(shell)...)
		return
	}
	p.Cmd.Env = environment(where, term, u.environment(shell)...)
	p.Cmd.Dir = u.Home
}

// as makes the program run as a user, or as root if there is none.
func (p *Program) as(u *User) {
	if u != nil {
		p.Cmd.UID, p.Cmd.GID, p.Cmd.Groups = u.UID, u.GID, u.Groups
	}
}

// search returns the candidate paths of a program.
func search(name, where string) []string {
	if strings.Contains(name, "/") {
		return []string{path.Join("/", name)}
	}
	var paths []string
	for _, dir := range strings.Split(where, ":") {
		paths = append(paths, path.Join(dir, name))
	}
	return paths
}

// Start starts a program with the files of its Cmd. If its directory can't be entered,
// the program still runs, and warn is called with the reason. Errors are of type
// *[Error].
func (l *Login) Start(p *Program, warn func(text string)) (zone.Process, error) {
	process, err := l.tryPaths(p, p.Cmd.Dir)
	if err == nil {
		return process, nil
	}
	if p.Cmd.Dir != "" && !p.NeedsDir && noSuch(err) {
		// The failure may be the directory's: the errno doesn't tell which path it is about.
		if process, again := l.tryPaths(p, ""); again == nil {
			warn("Could not chdir to home directory " + p.Cmd.Dir + ": " + reason(err))
			return process, nil
		}
	}
	var call *zone.Error
	switch {
	case zone.ErrnoOf(err) == errno.EPERM && errors.As(err, &call) && call.Op == enterCall:
		return nil, &Error{Text: errPrivilege, Err: nil, Status: ExitFailed}
	case errors.As(err, &call) && call.Op == enterCall:
		return nil, failed("could not enter zone "+p.Zone, err)
	}
	if p.direct && noSuch(err) {
		// What a shell would have printed.
		e := failed(p.Cmd.Args[0], err)
		e.Status = ExitNotFound
		if zone.ErrnoOf(err) == errno.EACCES {
			e.Status = ExitNotExecutable
		}
		return nil, e
	}
	return nil, failed("exec failure", err)
}

// The exit statuses of shells for a command that can't be executed, or is missing.
const (
	ExitNotExecutable = 126
	ExitNotFound      = 127
)

// enterCall is the call named in errors about entering a zone.
const enterCall = "zone_enter"

// noSuch reports whether an error says that a path doesn't exist.
func noSuch(err error) bool {
	return slices.Contains([]errno.Errno{errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG}, zone.ErrnoOf(err))
}

// tryPaths starts the first program that exists, as execvp(3C) does: EACCES is returned
// only if no other candidate exists.
func (l *Login) tryPaths(p *Program, dir string) (zone.Process, error) {
	var first error
	for _, at := range p.Paths {
		cmd := p.Cmd
		cmd.Path, cmd.Dir = at, dir
		process, err := l.Kernel.Start(p.ID, &cmd)
		if err == nil {
			return process, nil
		}
		switch e := zone.ErrnoOf(err); {
		case e == errno.EACCES && zone.ErrnoOf(first) != errno.EACCES, first == nil:
			first = err
		}
		if !noSuch(err) {
			return nil, err
		}
	}
	return nil, first
}

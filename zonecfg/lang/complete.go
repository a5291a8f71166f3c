package lang

import (
	"slices"
	"strings"

	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/zonecfg"
)

// Complete returns the lines that a line may become: with a subcommand, a resource, a
// property or a value completed, as they make sense where the session is.
func (s *Session) Complete(line string) []string {
	at := strings.LastIndexByte(line, ';') + 1
	done, rest := line[:at], strings.TrimLeft(line[at:], " \t")
	done += line[at : len(line)-len(rest)]
	var out []string
	for _, candidate := range s.candidates(rest) {
		if strings.HasPrefix(candidate, rest) {
			out = append(out, done+candidate)
		}
	}
	return out
}

// candidates returns what a command may become, some of it too much.
func (s *Session) candidates(line string) []string {
	name, arguments, hasArguments := strings.Cut(line, " ")
	if !hasArguments {
		return s.commands()
	}
	prefix := name + " "
	switch name {
	case "help":
		return with(prefix, slices.Concat(commands, []string{"commands", "syntax", "usage"}), "")
	case "create":
		if words := strings.Fields(arguments); len(words) > 0 && (words[len(words)-1] == "-t" || len(words) > 1 && words[len(words)-2] == "-t") {
			return with(line[:strings.LastIndex(line, "-t")]+"-t ", s.templates(), "")
		}
		return with(prefix, []string{"-F", "-a ", "-b", "-t "}, "")
	case "delete", "revert", "exit":
		return with(prefix, []string{"-F"}, "")
	case "export":
		return with(prefix, []string{"-f ", exactOption}, "")
	}
	if s.open != nil {
		return s.inScope(name, prefix, arguments)
	}
	return s.inGlobal(name, prefix, arguments)
}

// commands are those that make sense now.
func (s *Session) commands() []string {
	if s.open == nil {
		return []string{"add ", "clear ", "commit", "create", "delete", "exit", "export", "help", "info", "remove ", "revert", "select ", "set ", "verify"}
	}
	list := []string{"cancel", "end", "exit", "help", "info", "set "}
	switch s.open.resource {
	case "fs":
		return append(list, "add options ", "remove options ", "clear raw")
	case "rctl":
		return append(list, "add value ", "remove value ")
	case "net":
		return append(list, "remove defrouter ")
	case "dedicated-cpu", "capped-memory", "security-flags":
		return append(list, "clear ")
	}
	return list
}

func with(prefix string, words []string, suffix string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = prefix + w + suffix
	}
	return out
}

// inGlobal completes arguments in the global scope.
func (s *Session) inGlobal(name, prefix, arguments string) []string {
	switch name {
	case "add":
		return with(prefix, resources, "")
	case "clear":
		return with(prefix, slices.DeleteFunc(globalProperties(), func(p string) bool { return p == "zonename" || p == "zonepath" || p == "brand" }), "")
	case "set":
		if property, value, ok := strings.Cut(arguments, "="); ok {
			return with(prefix+property+"=", s.values("", property, value), "")
		}
		return with(prefix, globalProperties(), "=")
	case "info":
		if kind, rest, ok := strings.Cut(arguments, " "); ok {
			return s.byKeys(prefix+kind+" ", kind, rest)
		}
		return with(prefix, slices.Concat(resources, globalProperties(), []string{jsonOption}), "")
	case "remove", "select":
		kind, rest, ok := strings.Cut(arguments, " ")
		switch {
		case name == "remove" && kind == "-F":
			return with(prefix+"-F ", resources, "")
		case ok:
			return s.byKeys(prefix+kind+" ", kind, rest)
		case name == "remove":
			return with(prefix, append(slices.Clone(resources), "-F "), "")
		}
		var out []string
		for _, r := range resources {
			suffix := " "
			if single(r) {
				suffix = ""
			}
			out = append(out, prefix+r+suffix)
		}
		return out
	}
	return nil
}

// byKeys completes the properties that a resource is found by, with the values that
// there are.
func (s *Session) byKeys(prefix, kind, rest string) []string {
	if i := strings.LastIndexByte(rest, ' '); i >= 0 {
		prefix, rest = prefix+rest[:i+1], rest[i+1:]
	}
	property, _, ok := strings.Cut(rest, "=")
	if !ok {
		return with(prefix, keyProperties[kind], "=")
	}
	zone := s.zone
	if zone == nil && s.Live == nil { // in a shell, nothing was run yet
		zone, _ = s.Store.Load(s.name)
	}
	var values []string
	if zone != nil {
		for _, r := range resourcesOf(zone, kind) {
			if v := keyOf(r, property); v != "" && sayable(v) {
				values = append(values, asWord(v))
			}
		}
	}
	return with(prefix+property+"=", values, "")
}

// keyOf returns a property that a resource is found by.
func keyOf(r zonecfg.Resource, property string) string {
	switch r := r.(type) {
	case zonecfg.FS:
		return map[string]string{"dir": r.Dir, "special": r.Special, "raw": r.Raw, "type": r.Type}[property]
	case zonecfg.Net:
		return map[string]string{"physical": r.Physical, "address": r.Address, "allowed-address": r.AllowedAddress, "defrouter": r.Defrouter}[property]
	case zonecfg.Device:
		return map[string]string{"match": r.Match}[property]
	case zonecfg.Rctl:
		return map[string]string{"name": r.Name}[property]
	case zonecfg.Attr:
		return map[string]string{"name": r.Name, "type": r.Type, "value": r.Value}[property]
	case zonecfg.Dataset:
		return map[string]string{"name": r.Name}[property]
	case zonecfg.Admin:
		return map[string]string{"user": r.User}[property]
	case zonecfg.SecurityFlags:
		return map[string]string{"default": r.Default, "lower": r.Lower, "upper": r.Upper}[property]
	}
	return ""
}

// inScope completes arguments in the open resource.
func (s *Session) inScope(name, prefix, arguments string) []string {
	o := s.open
	switch name {
	case "set":
		if property, value, ok := strings.Cut(arguments, "="); ok {
			return with(prefix+property+"=", s.values(o.resource, property, value), "")
		}
		return with(prefix, propertiesOf[o.resource], "=")
	case "clear":
		list := map[string][]string{"fs": {"raw"}, "dedicated-cpu": {"importance"}, "capped-memory": {"physical", "swap", "locked"},
			"security-flags": {"default", "lower", "upper"}}
		return with(prefix, list[o.resource], "")
	case "add", "remove":
		var out []string
		switch {
		case o.resource == "fs":
			out = with(prefix+"options ", slices.Concat(o.fs.Options, []string{"ro", "nodevices", "nosetuid", "noexec"}), "")
		case o.resource == "rctl" && name == "remove":
			for _, v := range o.rctl.Values {
				out = append(out, prefix+"value "+v.String())
			}
		case o.resource == "rctl":
			out = []string{prefix + "value (priv=privileged,limit="}
			if before, _, ok := strings.Cut(arguments, ",action="); ok {
				out = []string{prefix + before + ",action=deny)", prefix + before + ",action=none)"}
			}
		case o.resource == "net" && name == "remove":
			out = with(prefix+"defrouter ", []string{o.net.Defrouter}, "")
		}
		return out
	}
	return nil
}

// values returns what a property may be set to, where that is known, and of one with a list
// of names what the value that was begun may become.
func (s *Session) values(resource, property, begun string) []string {
	switch resource + " " + property {
	case " autoboot":
		return []string{"true", "false"}
	case " ip-type":
		return []string{string(zonecfg.SharedIP), string(zonecfg.ExclusiveIP)}
	case " scheduling-class":
		return []string{"FSS", "FX", "IA", "RT", "TS"}
	case " limitpriv":
		return continued(begun, append([]string{"default"}, priv.Names()...))
	case " fs-allowed":
		return continued(begun, fileSystems)
	case " brand":
		return s.Brands
	case "fs type":
		return fileSystems
	case "attr type":
		return []string{"boolean", "int", "string", "uint"}
	case "admin auths":
		return continued(begun, []string{"login", "manage", "clonefrom"})
	case "security-flags default", "security-flags lower", "security-flags upper":
		return continued(begun, []string{"all", "none", secflags.ASLR.String(), secflags.ForbidNullMap.String(), secflags.NoExecStack.String()})
	case "rctl name":
		return controlNames()
	}
	return nil
}

// fileSystems are types of file systems that zones have.
var fileSystems = []string{"lofs", "tmpfs", "ufs", "zfs"}

// continued returns what a list of names separated by commas may become: the last name is
// completed, with a sign in front of it if it has one.
func continued(begun string, names []string) []string {
	at := strings.LastIndexByte(begun, ',') + 1
	if at < len(begun) && strings.IndexByte("!-+", begun[at]) >= 0 {
		at++
	}
	return with(begun[:at], names, "")
}

// templates are those of this machine, and its zones.
func (s *Session) templates() []string {
	names := []string{zonecfg.TemplateDefault, zonecfg.TemplateBlank, zonecfg.TemplateSparse}
	entries, _ := s.Store.Entries()
	for _, e := range entries {
		if e.Name != "global" {
			names = append(names, e.Name)
		}
	}
	return names
}

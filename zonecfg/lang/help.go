package lang

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// help is what there is to say of a command.
type help struct {
	usage             string
	text              string // with a tab behind each newline
	resources, values bool   // lists that go with it
}

var helps = map[string]help{
	"add": {"add <resource-type>\n\t(global scope)\nadd <property-name> <property-value>\n\t(resource scope)",
		"Begins a resource, or adds a value to a property of the open resource\n\tthat can have several.", true, true},
	"cancel": {"cancel", "Forgets the open resource and goes back to the global scope.", false, false},
	"clear":  {"clear <property-name>", "Takes a property out, so that it has its default again.", false, true},
	"commit": {"commit", "Verifies the configuration and puts it on disk, where zoneadm finds it.\n\tUntil then 'revert' takes changes back. At the end of a session it is\n\tdone by itself.", false, false},
	"create": {"create [-F] [ -a <path> | -b | -t <template> ]",
		"Begins the configuration of a new zone, from the default template or:\n\t-a from a detached zone at that path, -b from the blank template,\n\t-t from a template or another zone. -F puts it in the place of one that\n\tis there.", false, false},
	"delete": {"delete [-F]", "Takes the zone's configuration off the disk, at once. -F asks no question.", false, false},
	"end":    {"end", "Puts the open resource into the configuration and goes back to the\n\tglobal scope.", false, false},
	"exit":   {"exit [-F]", "Commits what isn't yet and ends the session. -F asks no question.", false, false},
	"export": {"export [-f output-file]", "Writes the commands that make this configuration, to a file or to\n\tstandard output. With --exact sizes aren't rounded, and every zonecfg\n\treads all values back.", false, false},
	"help":   {"help [commands] [syntax] [usage] [<command-name>]", "Explains a command, or what is asked for.", false, false},
	"info":   {"info [<resource-type> [property-name=property-value]*]", "Shows the configuration, one property, the resources of a type, or those\n\twith the given properties. With --json all of it as JSON.", true, true},
	"remove": {"remove [-F] <resource-type> [ <property-name>=<property-value> ]*\n\t(global scope)\nremove <property-name> <property-value>\n\t(resource scope)",
		"Takes out the resource with the given properties, or all of a type: -F\n\tasks no question. In a resource it takes a value from a property.", true, true},
	"revert": {"revert [-F]", "Goes back to the configuration that was committed last. -F asks no\n\tquestion.", false, false},
	"select": {"select <resource-type> { <property-name>=<property-value> }", "Opens the one resource that has the given properties, to change it.\n\tBraces mean one or more; 'end' puts the changes into the configuration.", true, true},
	"set":    {"set <property-name>=<property-value>", "Sets a property.", false, true},
	"verify": {"verify", "Looks for what is missing in the configuration, or can't go together.", false, false},
}

// scopeHelp says what a resource is for; its commands follow.
var scopeHelp = map[string]struct {
	about    string
	commands []string
	notes    string
}{
	"fs": {"configure a file system.", []string{"set dir=<path>", "set special=<path>", "set raw=<raw-device>", "set type=<file-system type>", "add options <file-system options>", "remove options <file-system options>", "clear raw"},
		"An option with an equals sign stands in double quotes, such as \"retry=5\".\n"},
	"net": {"configure a network interface.", []string{"set address=<IP-address>", "set allowed-address=<IP-address>", "set physical=<interface>", "set defrouter=<IP-address>", "remove defrouter <IP-address>"},
		"address is for zones with ip-type shared, allowed-address for exclusive ones.\n"},
	"device":        {"configure a device node.", []string{"set match=<device-path>"}, ""},
	"rctl":          {"configure a resource control.", []string{"set name=<string>", "add value (priv=<priv-value>,limit=<number>,action=<action-value>)", "remove value (priv=<priv-value>,limit=<number>,action=<action-value>)"}, "Where\n\t<priv-value> := privileged\n\t<action-value> := none | deny\n"},
	"attr":          {"configure a generic attribute.", []string{"set name=<name>", "set type=boolean | int | string | uint", "set value=<value of that type>"}, ""},
	"dataset":       {"export ZFS datasets.", []string{"set name=<name>"}, ""},
	"dedicated-cpu": {"give the zone processors of its own while it runs.", []string{"set ncpus=<unsigned integer | range>", "set importance=<unsigned integer>", "clear importance"}, ""},
	"capped-cpu":    {"cap the processor time of the zone.", []string{"set ncpus=<unsigned decimal>"}, "1 is one processor, 0.5 half of one.\n"},
	"capped-memory": {"cap the memory of the zone.", []string{"set physical=<qualified unsigned decimal>", "set swap=<qualified unsigned decimal>", "set locked=<qualified unsigned decimal>", "clear physical", "clear swap", "clear locked"}, ""},
	"admin":         {"let a user administer the zone.", []string{"set user=<user name>", "set auths=<login | manage | clonefrom>[,...]"}, ""},
	"security-flags": {"set the security flags of the zone's processes.", []string{"set default=<flags>", "set lower=<flags>", "set upper=<flags>", "clear default", "clear lower", "clear upper"},
		""},
}

// shortUsage is for wrong options and words too many.
func (s *Session) shortUsage(name string) { s.shortUsageAt(name, s.lines) }

func (s *Session) shortUsageAt(name string, line int) {
	if s.file != "" {
		where := ""
		if s.file != "-" {
			where = " of " + s.file
		}
		fmt.Fprintf(s.Err, "syntax error on line %d%s\n", line-1, where)
	}
	fmt.Fprintf(s.Err, "usage:\n%s\n", helps[name].usage)
	s.failed = true
}

// longUsage is for what makes no sense where it stands.
func (s *Session) longUsage(name string) {
	fmt.Fprintf(s.Err, "usage:\n%s\n\t%s\n", helps[name].usage, helps[name].text)
	s.failed = true
}

// helpOn prints all that there is to say of a command.
func (s *Session) helpOn(name string) {
	s.paged(func(w io.Writer) {
		h := helps[name]
		fmt.Fprintf(w, "usage:\n%s\n\t%s\n", h.usage, h.text)
		if h.resources || h.values {
			fmt.Fprintln(w)
			lists(w, h.resources, h.values)
		}
	})
}

// lists writes the resources and the properties that there are.
func lists(w io.Writer, ofResources, ofProperties bool) {
	if ofResources {
		const perLine = 6
		fmt.Fprintf(w, "<resource type> := %s |\n\t%s\n\n", strings.Join(resources[:perLine], " | "), strings.Join(resources[perLine:], " | "))
	}
	if !ofProperties {
		return
	}
	fmt.Fprintln(w, "For resource type ... there are property types ...:")
	for _, p := range globalProperties() {
		fmt.Fprintf(w, "\t(global)\t%s\n", p)
	}
	for _, r := range resources {
		tab := "\t"
		if len(r) < 8 { // a tab's width
			tab = "\t\t"
		}
		list := strings.Join(propertiesOf[r], ", ")
		if r == "net" {
			list = strings.Replace(list, "physical, defrouter", "physical|defrouter", 1) // as there
		}
		fmt.Fprintf(w, "\t%s%s%s\n", r, tab, list)
	}
}

// Usage writes how the command is called.
func Usage(w io.Writer) {
	fmt.Fprint(w, "usage:\tzonecfg help\n\tzonecfg -z <zone>\t\t\t(interactive)\n\tzonecfg -z <zone> <command>\n\tzonecfg -z <zone> -f <command-file>\n")
}

// UsageOfCommands writes the list of the language's commands, with what they do for
// a reader who asked.
func UsageOfCommands(w io.Writer, verbose bool) {
	fmt.Fprint(w, "Commands:\n\n")
	for _, name := range commands {
		fmt.Fprintln(w, helps[name].usage)
		if verbose {
			fmt.Fprintf(w, "\t%s\n\n", helps[name].text)
		}
	}
}

// UsageOfNames writes the syntax of a zone's name.
func UsageOfNames(w io.Writer) {
	fmt.Fprintf(w, "\n<zone> := [A-Za-z0-9][A-Za-z0-9_.-]*\n\t(except the reserved words 'global' and anything starting with 'SUNW')\n\tName must be less than %d characters.\n", zone.NameMax)
}

func usageOfAddresses(w io.Writer) {
	fmt.Fprint(w, "\n<net-addr> :=\t<IPv4-address>[/<IPv4-prefix-length>] |\n\t\t<IPv6-address>/<IPv6-prefix-length> |\n\t\t<hostname>[/<IPv4-prefix-length>]\n"+
		"See inet(3C) for IPv4 and IPv6 address syntax.\n<IPv4-prefix-length> := [0-32]\n<IPv6-prefix-length> := [0-128]\n<hostname> := [A-Za-z0-9][A-Za-z0-9-.]*\n")
}

func (s *Session) help(c *Command) {
	if len(c.Words) == 0 {
		s.paged(func(w io.Writer) {
			if s.open == nil {
				UsageOfCommands(w, true)
				return
			}
			h := scopeHelp[s.open.resource]
			fmt.Fprintf(w, "The '%s' resource scope is used to %s\nValid commands:\n\t%s\n%s", s.open.resource, h.about, strings.Join(h.commands, "\n\t"), h.notes)
			fmt.Fprint(w, "And from any resource scope, you can:\n\tend\t(to conclude this operation)\n\tcancel\t(to cancel this operation)\n\texit\t(to exit the zonecfg utility)\n")
		})
		return
	}
	switch subject := c.Words[0]; {
	case subject == "usage":
		s.paged(Usage)
	case subject == "commands":
		s.paged(func(w io.Writer) { UsageOfCommands(w, true) })
	case subject == "syntax":
		s.paged(func(w io.Writer) {
			var names strings.Builder
			UsageOfNames(&names)
			fmt.Fprintln(w, strings.TrimPrefix(names.String(), "\n"))
			lists(w, true, true)
		})
	case subject == "-?":
		s.helpOn("help")
	case slices.Contains(commands, subject):
		s.helpOn(subject)
	default:
		fmt.Fprintf(s.Err, "Unknown help subject %s.  More help is available for the following:\n\n\tcommands ('help commands')\n\tsyntax ('help syntax')\n\tusage ('help usage')\n\nYou may also obtain help on any command by typing 'help <command-name>.'\n", subject)
	}
}

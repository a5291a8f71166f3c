package lang

import (
	"maps"
	"slices"
	"unicode/utf8"
)

// kind says what a token is to the grammar.
type kind int

const (
	end        kind = iota // of the script
	terminator             // newline or ;
	command
	resource
	property
	word // plain or quoted
	equal
	openList
	closeList
	openComplex
	closeComplex
	comma
	other // a character that has no place here
)

// token is a piece of a script: text is what it says, raw how it is written.
type token struct {
	kind kind
	text string
	raw  string
}

// foreign reports whether the token is a byte that isn't ASCII where a command could begin.
// To the system's own parser its number is below that of every token: it ends what was
// begun, and the next byte begins anew.
func (t token) foreign() bool { return t.kind == other && t.raw[0] >= utf8.RuneSelf }

// commands in the order in which help lists them.
var commands = []string{"add", "cancel", "clear", "commit", "create", "delete", "end", "exit", "export", "help",
	"info", "remove", "revert", "select", "set", "verify"}

// resources in the order in which help lists them.
var resources = []string{"fs", "net", "device", "rctl", "attr", "dataset", "dedicated-cpu", "capped-cpu", "capped-memory", "admin", "security-flags"}

// settings are the properties of a zone that aren't aliases of resource controls.
var settings = []string{"zonename", "zonepath", "brand", "autoboot", "bootargs", "pool", "limitpriv", "scheduling-class", "ip-type", "hostid", "fs-allowed"}

// zoneAliases are the properties of a zone that stand for resource controls.
var zoneAliases = []string{"max-lwps", "max-processes", "max-shm-memory", "max-shm-ids", "max-msg-ids", "max-sem-ids", "cpu-shares"}

// propertiesOf are the properties of each resource.
var propertiesOf = map[string][]string{
	"fs":             {"dir", "special", "raw", "type", "options"},
	"net":            {"address", "allowed-address", "physical", "defrouter"},
	"device":         {"match"},
	"rctl":           {"name", "value"},
	"attr":           {"name", "type", "value"},
	"dataset":        {"name"},
	"dedicated-cpu":  {"ncpus", "importance"},
	"capped-cpu":     {"ncpus"},
	"capped-memory":  {"physical", "swap", "locked"},
	"admin":          {"user", "auths"},
	"security-flags": {"default", "lower", "upper"},
}

// properties are all that the lexer knows as the name of a property.
var properties = func() map[string]bool {
	known := map[string]bool{"priv": true, "limit": true, "action": true}
	for _, list := range propertiesOf {
		for _, p := range list {
			known[p] = true
		}
	}
	for _, p := range globalProperties() {
		known[p] = true
	}
	return known
}()

// sortedProperties are the names of properties in alphabetical order.
var sortedProperties = slices.Sorted(maps.Keys(properties))

// globalProperties are those that set, clear and info take in the global scope.
func globalProperties() []string { return slices.Concat(settings, zoneAliases) }

package replay

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// Userland replays the part of recordings that a process of root in the global zone can make
// by itself, on a kernel that runs. A step that needs more (a change of the environment, a
// process with other privileges, a call that blocks, memory that isn't mapped) is left out;
// if it changed something, that is the end of the sequence.
type Userland struct {
	System zone.System
	// Top is put in front of the paths of zones: MakeTree has made the tree there. Empty
	// for a kernel that has the tree of the recordings.
	Top string
	// Boots is whether zones can boot. Their root directories are empty.
	Boots bool

	ids   map[zone.ID]zone.ID // of the recording -> of the kernel
	plain map[int32]bool      // processes that are like ours
	found []*Difference
}

// free is where ids are that no zone of the kernel has: ids of the recording that have no
// zone get these.
const free = 9000

// MakeTree makes the file tree of the recordings below a directory.
func (e *Environment) MakeTree(top string) error {
	for _, f := range e.FileTree {
		path := filepath.Join(top, f.Path)
		var err error
		switch f.Type {
		case "directory":
			err = os.MkdirAll(path, 0o755)
		case "file":
			err = os.WriteFile(path, nil, 0o644)
		case "symlink":
			target := f.Target
			if strings.HasPrefix(target, "/") {
				target = filepath.Join(top, target)
			}
			err = os.Symlink(target, path)
		default:
			err = fmt.Errorf("%s is a %q", f.Path, f.Type)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// looks are steps that change nothing which the calls of Userland see.
var looks = []string{"tick", "kstats", "root_holds", "zone_loadavg_update", "zone_find_by_path", "zone_find_by_any_path", "zone_find_by_id",
	"zone_find_by_name", "zone_find_by_id_nolock", "zone_get_kcred", "zone_get_hostid", "zone_check_datalink", "zone_datalink_walk", "zone_walk",
	"zone_dataset_visible", "zone_ncpus_get", "rctl_usage", "zone_pset"}

// Replay makes what it can of a sequence and returns how many steps these were, and the
// differences. Zones that are left are removed.
func (u *Userland) Replay(env *Environment, s *Sequence) (made int, found []*Difference, err error) {
	u.ids, u.plain, u.found = map[zone.ID]zone.ID{0: 0}, map[int32]bool{}, nil
	for i := range s.Steps {
		step := &s.Steps[i]
		if _, call := env.Commands[step.Call]; !call {
			if step.Call == "proc_new" {
				u.plain[int32(step.number("pid"))] = len(step.list("flags")) == 0 && !step.has("inherited_contract_uniqid")
			} else if !slices.Contains(looks, step.Call) {
				break
			}
			continue
		}
		was := len(u.found)
		ok := u.can(step) && u.step(step)
		if ok {
			made++
		} else if step.Errno == 0 {
			break // what follows depends on it
		}
		for _, d := range u.found[was:] {
			d.Sequence, d.Step, d.Call = s.Name, step.N, step.Call
		}
		if len(u.found) > was && (step.Call == "create" || step.Call == "boot" || step.Call == "shutdown" || step.Call == "destroy") {
			break // the zones differ from here on
		}
	}
	return made, u.found, u.clear()
}

// clear removes the zones of a sequence.
func (u *Userland) clear() (err error) {
	for recorded, id := range u.ids {
		if recorded == 0 {
			continue
		}
		if status, gone := zone.StatusOf(u.System, id); gone != nil || status >= zone.StatusDying {
			continue
		}
		err = errors.Join(err, u.System.Shutdown(id), u.System.Destroy(id))
	}
	return err
}

// can reports whether a process like ours made the step and it returned at once.
func (u *Userland) can(s *Step) bool {
	if s.PID == nil || !u.plain[*s.PID] || s.Model == "ilp32" || s.Blocked || s.NoReturn || s.Call == "enter" || (s.Call == "boot" && s.Errno == 0 && !u.Boots) {
		return false
	}
	// What would change the global zone is the machine's.
	return s.Call != "setattr" || s.number("zoneid") != 0
}

// id translates an id of the recording.
func (u *Userland) id(recorded int64) zone.ID {
	if id, ok := u.ids[zone.ID(recorded)]; ok {
		return id
	}
	if recorded > 0 && recorded <= int64(zone.MaxID) {
		return zone.ID(free + recorded%500)
	}
	return zone.ID(recorded)
}

// bytes returns the content of a buffer that is mapped and writable, and whether it is one;
// null is an empty one.
func (s *Step) bytes(name string) ([]byte, bool) {
	if !s.has(name) {
		return nil, true
	}
	var m memory
	var a struct {
		ReadOnly bool `json:"ro"`
	}
	if addr, err := m.argument(name, s.Args[name]); err != nil || addr == badAddress || json.Unmarshal(s.Args[name], &a) != nil || a.ReadOnly {
		return nil, false
	}
	return bytes.Clone(m.mappings[0].now), true
}

// string returns the text of a buffer that ends with the terminator.
func (s *Step) string(name string) (string, bool) {
	raw, ok := s.bytes(name)
	text, rest, ended := bytes.Cut(raw, []byte{0})
	return string(text), ok && s.has(name) && ended && len(rest) == 0
}

func (u *Userland) differ(field string, want, got any) {
	u.found = append(u.found, different(field, want, got))
}

// answer compares the error of a call, and reports whether it succeeded both times.
func (u *Userland) answer(s *Step, err error) bool {
	e := errno.Errno(0)
	if err != nil {
		var known bool
		if e, known = errno.Of(err); !known {
			u.differ("errno", errno.Errno(s.Errno).Name(), err.Error())
			return false
		}
	}
	if e != errno.Errno(s.Errno) {
		u.differ("errno", nameOf(errno.Errno(s.Errno)), nameOf(e))
	}
	return e == 0 && s.Errno == 0
}

func nameOf(e errno.Errno) string {
	if e == 0 {
		return "success"
	}
	return e.Name()
}

// step makes a call and compares the answer. It returns false if the arguments are such
// that zone.System can't pass them on.
func (u *Userland) step(s *Step) bool {
	id := u.id(s.number("zoneid"))
	link := zone.LinkID(s.number("linkid"))
	switch s.Call {
	case "create":
		return u.create(s)
	case "destroy":
		u.answer(s, u.System.Destroy(id))
	case "shutdown":
		u.answer(s, u.System.Shutdown(id))
	case "boot":
		u.answer(s, u.System.Boot(id))
	case "getattr":
		return u.getattr(s, id)
	case "setattr":
		buf, ok := s.bytes("buf")
		if !ok || int64(len(buf)) != s.number("bufsize") {
			return false
		}
		u.answer(s, u.System.Setattr(id, zone.Attr(s.number("attr")), buf))
	case "lookup":
		name, ok := s.string("name")
		if !ok || name == "" {
			return false
		}
		if found, err := u.System.Lookup(name); u.answer(s, err) && s.Ret != nil && u.id(*s.Ret) != found {
			u.differ("zone", u.id(*s.Ret), found)
		}
	case "list":
		return u.list(s)
	case "add_datalink":
		u.answer(s, u.System.AddDatalink(id, link))
	case "del_datalink":
		u.answer(s, u.System.RemoveDatalink(id, link))
	default:
		return false
	}
	return true
}

func (u *Userland) create(s *Step) bool {
	if _, raw := s.Args["def"]; raw {
		return false
	}
	name, ok1 := s.string("name")
	root, ok2 := s.string("root")
	privs, ok3 := s.bytes("privs")
	rctls, ok4 := s.bytes("rctlbuf")
	datasets, ok5 := s.bytes("zfsbuf")
	extended, ok6 := s.bytes("extended_error")
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || len(extended) != 4 || len(privs) != 4*priv.SetWords || s.number("privssz") != int64(len(privs)) ||
		s.number("rctlbufsz") != int64(len(rctls)) || s.number("zfsbufsz") != int64(len(datasets)) {
		return false
	}
	if u.Top != "" {
		if !strings.HasPrefix(root, "/") {
			return false
		}
		root = u.Top + root
	}
	def := &zone.Def{Name: name, Root: root, Rctls: rctls, Datasets: strings.TrimSuffix(string(datasets), "\x00"), Flags: int32(s.number("flags"))}
	for i := range def.Privs {
		def.Privs[i] = binary.LittleEndian.Uint32(privs[4*i:])
	}
	id, err := u.System.Create(def)
	if err == nil {
		recorded := zone.ID(free - 1) // a zone that the recording lacks is removed, too
		if s.Errno == 0 && s.Ret != nil {
			recorded = zone.ID(*s.Ret)
		}
		u.ids[recorded] = id
	}
	u.answer(s, err)
	var failed *zone.Error
	if want, err := parseBytes(s.Out["extended_error"]); err == nil && len(want) == 4 && errors.As(err, &failed) {
		if w := zone.ExtendedError(binary.LittleEndian.Uint32(want)); w != failed.Ext {
			u.differ("extended error", w, failed.Ext)
		}
	}
	return true
}

// own are attributes whose values are the machine's.
var own = []zone.Attr{zone.AttrUniqID, zone.AttrPoolID, zone.AttrInitPID, zone.AttrRoot}

func (u *Userland) getattr(s *Step, id zone.ID) bool {
	buf, ok := s.bytes("buf")
	if !ok || int64(len(buf)) != s.number("bufsize") {
		return false
	}
	attr := zone.Attr(s.number("attr"))
	n, err := u.System.Getattr(id, attr, buf)
	if !u.answer(s, err) || slices.Contains(own, attr) || s.number("zoneid") == 0 {
		return true
	}
	if s.Ret != nil && *s.Ret != int64(n) {
		u.differ("size", *s.Ret, n)
	}
	want, _ := s.bytes("buf")
	if text, changed := s.Out["buf"]; changed {
		if want, err = parseBytes(text); err != nil {
			return false
		}
	}
	if !bytes.Equal(want, buf) {
		u.differ("value", fmt.Sprintf("%q", want), fmt.Sprintf("%q", buf))
	}
	return true
}

func (u *Userland) list(s *Step) bool {
	room, ok := s.bytes("numzones")
	ids, ok2 := s.bytes("zoneidlist")
	if !ok || !ok2 || len(room) != 4 || len(ids) != 4*int(binary.LittleEndian.Uint32(room)) {
		return false
	}
	got := make([]zone.ID, len(ids)/4)
	n, err := u.System.List(got)
	if !u.answer(s, err) {
		return true
	}
	count := room
	if text, changed := s.Out["numzones"]; changed {
		if count, err = parseBytes(text); err != nil || len(count) != 4 {
			return false
		}
	}
	if want := int(binary.LittleEndian.Uint32(count)); want != n {
		u.differ("zones", want, n)
	}
	return true
}

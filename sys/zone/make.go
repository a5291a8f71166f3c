package zone

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Make makes a zone and performs the definition's steps, each by its own call of m. If
// a required step fails, it undoes what it did, removes the zone, and returns that
// step's error.
func Make(m Maker, def *Definition) (*Outcome, error) {
	if err := check("zone_create", def.Steps); err != nil {
		return &Outcome{ID: -1}, err
	}
	id, err := m.Create(&def.Def)
	if err != nil {
		return &Outcome{ID: -1}, err
	}
	out, done, err := take(m, id, def.Steps)
	if err == nil {
		out.UniqID, err = UniqIDOf(m, id)
	}
	if err != nil {
		unmake(m, id, def.Steps[:done], out.Failed)
		out.ID = -1
		return out, err
	}
	return out, nil
}

// unmake undoes the steps that succeeded and removes the zone. Errors of undoing are
// ignored: they show in the zone's state, and the caller reports why the zone couldn't
// be made.
func unmake(m Maker, id ID, steps []Step, failed []StepFailure) {
	for i, s := range slices.Backward(steps) {
		switch {
		case slices.ContainsFunc(failed, func(f StepFailure) bool { return f.Step == i }):
		case s.Mount != nil:
			_ = m.Unmount(id, s.Mount.Point, true)
		case s.Address != nil:
			_ = m.SetAddress(id, s.Address.Link, s.Address.Prefix, false)
		}
	}
	if m.Shutdown(id) == nil {
		_ = m.Destroy(id)
	}
}

// BootWith performs the steps that a ready zone still needs (its init, its boot
// arguments, file systems mounted at boot), each by its own call of m, and boots the
// zone.
func BootWith(m Maker, id ID, steps []Step) (*Outcome, error) {
	if err := check("zone_boot", steps); err != nil {
		return &Outcome{ID: id}, err
	}
	out, _, err := take(m, id, steps)
	if err == nil {
		err = m.Boot(id)
	}
	return out, err
}

// check rejects steps with no content or several, before anything is done.
func check(op string, steps []Step) error {
	for i := range steps {
		if n := steps[i].contents(); n != 1 {
			return &Error{Op: op, Errno: errno.EINVAL, Text: fmt.Sprintf("step %d sets %d things, not one", i, n)}
		}
	}
	return nil
}

// contents returns how many of the step's pointers are set.
func (s *Step) contents() (n int) {
	for _, set := range []bool{s.Attr != nil, s.Mount != nil, s.Link != nil, s.Net != nil, s.Address != nil} {
		if set {
			n++
		}
	}
	return n
}

// take performs steps until a required one fails, and returns how many it has
// finished.
func take(m Maker, id ID, steps []Step) (out *Outcome, done int, err error) {
	out = &Outcome{ID: id}
	for done < len(steps) {
		n := 1
		if steps[done].Mount != nil {
			n, err = mountRun(m, id, steps[done:])
		} else {
			err = steps[done].take(m, id)
		}
		if err == nil {
			done += n
			continue
		}
		if steps[done].Mount != nil {
			done += n // those before the failed one
		}
		out.Failed = append(out.Failed, StepFailure{done, AsError(err)})
		if !steps[done].Optional {
			return out, done, err
		}
		done++
	}
	return out, done, nil
}

// mountRun mounts the file systems at the head of the steps in one call.
func mountRun(m Maker, id ID, steps []Step) (int, error) {
	var mounts []Mount
	for _, s := range steps {
		if s.Mount == nil {
			break
		}
		mounts = append(mounts, *s.Mount)
	}
	return m.MountAll(id, mounts)
}

// take performs a step that isn't a mount.
func (s *Step) take(m Maker, id ID) error {
	switch {
	case s.Attr != nil:
		return s.Attr.set(m, id)
	case s.Address != nil:
		return m.SetAddress(id, s.Address.Link, s.Address.Prefix, true)
	case s.Link != nil:
		if g, ok := m.(Give); ok {
			return g.GiveLink(id, s.Link.Name)
		}
		link, err := m.LinkByName(s.Link.Name)
		if err != nil {
			return err
		}
		if err := m.AddDatalink(id, link); err != nil {
			return &Error{Op: "zone_add_datalink", Name: s.Link.Name, Errno: ErrnoOf(err), Cause: AsError(err)}
		}
		return nil
	}
	link, err := m.LinkByName(s.Net.Link)
	if err != nil {
		return err
	}
	if g, ok := m.(Give); ok && s.Net.Kind == NetAddress {
		if err := g.ProtectLink(s.Net.Link, s.Net.addresses()); err != nil {
			return err
		}
	}
	return m.Setattr(id, AttrNetwork, s.Net.bytes(link))
}

// addresses returns the addresses of the value without their prefix lengths.
func (n *NetData) addresses() []string {
	var list []string
	for text := range strings.SplitSeq(textIn(n.Value), ",") {
		address, _, _ := strings.Cut(text, "/")
		list = append(list, address)
	}
	return list
}

// bytes returns the zone_net_data_t: kind, length, link, and the value.
func (n *NetData) bytes(link LinkID) []byte {
	const head = 12
	raw := make([]byte, head, head+len(n.Value))
	binary.LittleEndian.PutUint32(raw, n.Kind)
	binary.LittleEndian.PutUint32(raw[4:], uint32(len(n.Value)))
	binary.LittleEndian.PutUint32(raw[8:], uint32(link))
	return append(raw, n.Value...)
}

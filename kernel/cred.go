package kernel

import "github.com/gozones/zones/sys/priv"

// cred is a credential: what a process may do and in which zone that counts.
type cred struct {
	zone                 *Zone
	effective, permitted priv.Set
	inheritable, limit   priv.Set // of no effect here but on what setppriv(2) lets through
	refs                 int
}

// fullSet has every bit set, also those that stand for no privilege.
var fullSet = priv.Full()

// kernelSet are the privileges of the kernel's credential, which a zone's zsched and
// init start with as far as the zone has them: the basic ones, and the number after the
// last named privilege, which the recordings of the C code have.
var kernelSet = priv.Basic().Union(priv.Set{priv.Count / 32: 1 << (31 - priv.Count%32)})

// The privileges that the zone subsystem asks for.
var (
	sysAdmin     = priv.Of("sys_admin")
	sysConfig    = priv.Of("sys_config")
	sysMount     = priv.Of("sys_mount")
	sysResource  = priv.Of("sys_resource")
	procOwner    = priv.Of("proc_owner")
	procSecflags = priv.Of("proc_secflags")
	netMACAware  = priv.Of("net_mac_aware")
)

func newCred(z *Zone, effective, permitted priv.Set) *cred {
	z.credHold()
	return &cred{zone: z, effective: effective, permitted: permitted, inheritable: priv.Basic(), limit: fullSet, refs: 1}
}

// within is the credential with what a zone allows of its privileges.
func (c *cred) within(z *Zone) *cred {
	n := newCred(z, c.effective.Intersect(z.privset), c.permitted.Intersect(z.privset))
	n.inheritable, n.limit = c.inheritable.Intersect(z.privset), c.limit.Intersect(z.privset)
	return n
}

func (c *cred) hold() *cred { c.refs++; return c }

func (c *cred) release() {
	if c.refs--; c.refs == 0 {
		c.zone.credRelease()
	}
}

// has reports whether a privilege is in effect.
func (c *cred) has(privilege priv.Set) bool { return privilege.Subset(c.effective) }

// mayConfig is the privilege to configure zones: a full effective set
// (secpolicy_zone_config).
func (p *Proc) mayConfig() bool { return p.cred.effective.IsFull() }

// mayRctl is the privilege to change controls of zones (secpolicy_rctlsys): those of
// a zone bound it and aren't for it to change.
func (p *Proc) mayRctl() bool { return p.zone.Load() == p.k.global && p.cred.has(sysResource) }

// ownCred gives p a credential that it doesn't share, so that it can be changed.
func (p *Proc) ownCred() *cred {
	if p.cred.refs > 1 {
		own := newCred(p.cred.zone, p.cred.effective, p.cred.permitted)
		own.inheritable, own.limit = p.cred.inheritable, p.cred.limit
		p.cred.release()
		p.cred = own
	}
	return p.cred
}

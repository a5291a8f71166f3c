package datalink

// AbortConnections ends the TCP connections of a zone that shares the host's network stack, as
// if their other ends had reset them (TCP_IOC_ABORT_CONN): the system keeps those of a zone
// without processes until their peers or timers end them. Zones may have none. EPERM without
// the privilege sys_ip_config, ENOTSUP on systems other than illumos.
func AbortConnections(zone int32) error { return abortConnections(zone) }

package rctl

import "strconv"

// signalNames has the names of illumos' signals by number (sig2str(3C)).
var signalNames = [...]string{
	1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "EMT", 8: "FPE",
	9: "KILL", 10: "BUS", 11: "SEGV", 12: "SYS", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "USR1",
	17: "USR2", 18: "CLD", 19: "PWR", 20: "WINCH", 21: "URG", 22: "POLL", 23: "STOP", 24: "TSTP",
	25: "CONT", 26: "TTIN", 27: "TTOU", 28: "VTALRM", 29: "PROF", 30: "XCPU", 31: "XFSZ", 32: "WAITING",
	33: "LWP", 34: "FREEZE", 35: "THAW", 36: "CANCEL", 37: "LOST", 38: "XRES", 39: "JVM1", 40: "JVM2",
	41: "INFO",
}

// signalName returns the name of a signal, or its number.
func signalName(n int32) string {
	if n > 0 && int(n) < len(signalNames) {
		return signalNames[n]
	}
	return strconv.Itoa(int(n))
}

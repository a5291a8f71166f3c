package machine

import (
	"os/exec"
	"strings"

	"github.com/gozones/zones/sys/zone"
)

// svcprop and svcadm ask for services and enable them. Tests replace the paths.
var svcprop, svcadm = "/usr/bin/svcprop", "/usr/sbin/svcadm"

// ServiceEnabled reports whether a service (svc:/system/rcap:default) is enabled, which isn't to
// say that it runs.
func (k *kernel) ServiceEnabled(service string) bool {
	out, err := exec.Command(svcprop, "-p", "general/enabled", service).Output()
	return err == nil && strings.TrimSpace(string(out)) == "true"
}

// EnableService enables a service, also for the next boots, unless it is enabled.
func (k *kernel) EnableService(service string) error {
	if k.ServiceEnabled(service) {
		return nil
	}
	out, err := exec.Command(svcadm, "enable", service).CombinedOutput()
	if err == nil {
		return nil
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	if text == "" {
		text = err.Error()
	}
	return &zone.Error{Op: "svcadm enable", Name: service, Text: text}
}

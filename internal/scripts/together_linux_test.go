package scripts

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// TestTenBootsOverlap: a command that boots ten zones boots them at the same time. A hook of
// each writes a line during the boot and waits until ten have been read.
func TestTenBootsOverlap(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root) // for the hook
	const zones = 10
	h := newHome(t, nil)
	arrived, proceed := h.fifo("arrived"), h.fifo("proceed")
	// A hook takes one of the bytes that let it go on.
	hook := fmt.Sprintf("/bin/sh -c 'echo %%z &gt;%s; head -c 1 %s &gt;/dev/null'", arrived.Name(), proceed.Name())
	script := "set -e\n" + hookedBrand(map[string]string{"prestatechange": hook}) + `
zones=
for i in $(seq ` + fmt.Sprint(zones) + `); do
	zonecfg-go -z z$i "create -t web; set zonepath=/zones/z$i; set autoboot=true"
	zoneadm-go -z z$i install
	sed -i 's/brand="sparse"/brand="hooked"/' $TOP/m/etc/zones/z$i.xml
done
exec zoneadm-go boot --autoboot`
	var out bytes.Buffer
	command := h.command("unshare", "-m", "--propagation", "private", "sh", "-c", script)
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = arrived.SetReadDeadline(time.Now().Add(2 * time.Minute))
	var seen []string
	for lines := bufio.NewScanner(arrived); len(seen) < zones && lines.Scan(); {
		seen = append(seen, lines.Text())
	}
	// Those that would come one by one may go on as well, and later runs of the hook.
	if _, err := proceed.WriteString(strings.Repeat(".", 10*zones)); err != nil {
		t.Fatal(err)
	}
	err := command.Wait()
	if len(seen) != zones || err != nil {
		t.Fatalf("%v; waiting at the same time: %q\n%s", err, seen, out.String())
	}
	for i := range zones {
		if line := fmt.Sprintf("z%d: boot: done\n", i+1); !strings.Contains(out.String(), line) {
			t.Errorf("%q isn't printed:\n%s", line, out.String())
		}
	}
}

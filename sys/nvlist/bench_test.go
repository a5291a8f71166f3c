package nvlist_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/sys/nvlist"
)

// zoneControls are the controls of the measured list, which testdata/bench.c has too.
var zoneControls = []string{
	"zone.cpu-shares", "zone.cpu-cap", "zone.max-lwps", "zone.max-processes", "zone.max-msg-ids", "zone.max-sem-ids",
	"zone.max-shm-ids", "zone.max-shm-memory", "zone.max-locked-memory", "zone.max-swap", "zone.max-lofi",
}

// buildControls builds the list for zone_create, pair by pair as a C program does.
func buildControls() *nvlist.List {
	l := nvlist.New(nvlist.UniqueName)
	for i, name := range zoneControls {
		value := nvlist.New(nvlist.UniqueName)
		value.AddUint64("privilege", 0x04000000)
		value.AddUint64("limit", uint64(1000+i))
		value.AddUint64("action", 2)
		l.AddListArray(name, value)
	}
	return l
}

// reusedControls builds the same list in reused memory.
func reusedControls(l, value *nvlist.List) {
	l.Reset()
	for i, name := range zoneControls {
		value.Reset()
		value.AddUint64("privilege", 0x04000000)
		value.AddUint64("limit", uint64(1000+i))
		value.AddUint64("action", 2)
		l.AddListArray(name, value)
	}
}

// goValue and goControls have the same list as Go values.
type goValue struct {
	Privilege uint64 `nv:"privilege"`
	Limit     uint64 `nv:"limit"`
	Action    uint64 `nv:"action"`
}

type goControls struct {
	CPUShares       []goValue `nv:"zone.cpu-shares"`
	CPUCap          []goValue `nv:"zone.cpu-cap"`
	MaxLWPs         []goValue `nv:"zone.max-lwps"`
	MaxProcesses    []goValue `nv:"zone.max-processes"`
	MaxMsgIDs       []goValue `nv:"zone.max-msg-ids"`
	MaxSemIDs       []goValue `nv:"zone.max-sem-ids"`
	MaxShmIDs       []goValue `nv:"zone.max-shm-ids"`
	MaxShmMemory    []goValue `nv:"zone.max-shm-memory"`
	MaxLockedMemory []goValue `nv:"zone.max-locked-memory"`
	MaxSwap         []goValue `nv:"zone.max-swap"`
	MaxLofi         []goValue `nv:"zone.max-lofi"`
}

func newGoControls() *goControls {
	v := func(i uint64) []goValue { return []goValue{{0x04000000, 1000 + i, 2}} }
	return &goControls{v(0), v(1), v(2), v(3), v(4), v(5), v(6), v(7), v(8), v(9), v(10)}
}

// operations are the measured operations, with their names in testdata/bench.c and the
// ratio to libnvpair's time that is the goal.
func operations(tb testing.TB) []operation {
	list := buildControls()
	native, xdr := pack(tb, list, nvlist.Native), pack(tb, list, nvlist.XDR)
	packed := func(l *nvlist.List, enc nvlist.Encoding) {
		if _, err := l.Pack(enc); err != nil {
			tb.Fatal(err)
		}
	}
	unpacked := func(raw []byte) {
		if _, err := nvlist.Unpack(raw); err != nil {
			tb.Fatal(err)
		}
	}
	var spare []byte
	outer, inner := nvlist.New(nvlist.UniqueName), nvlist.New(nvlist.UniqueName)
	appended := func(l *nvlist.List) {
		var err error
		if spare, err = l.AppendPack(spare[:0], nvlist.Native); err != nil {
			tb.Fatal(err)
		}
	}
	controls := newGoControls()
	if raw, err := nvlist.Marshal(controls, nvlist.Native); err != nil || !bytes.Equal(raw, native) {
		tb.Fatalf("the Go values are packed as %x, %v", raw, err)
	}
	return []operation{
		{"build", "call by call", 0, func() { packed(buildControls(), nvlist.Native) }},
		{"build", "lists reused", 0, func() { reusedControls(outer, inner); appended(outer) }},
		{"build", "Go values", 0.15, func() { nvlist.Marshal(controls, nvlist.Native) }},
		{"build", "Go values, memory reused", 0.15, func() { spare, _ = nvlist.AppendMarshal(spare[:0], controls, nvlist.Native) }},
		{"pack", "", 0.5, func() { packed(list, nvlist.Native) }},
		{"packinto", "", 0.5, func() { appended(list) }},
		{"unpack", "", 0.5, func() { unpacked(native) }},
		{"packxdr", "", 0, func() { packed(list, nvlist.XDR) }},
		{"unpackxdr", "", 0, func() { unpacked(xdr) }},
	}
}

type operation struct {
	name string
	how  string  // which of several ways
	aim  float64 // goal; 0 for none
	run  func()
}

// TestPackAllocations checks that packing allocates little beyond its result.
func TestPackAllocations(t *testing.T) {
	list := buildControls()
	for _, enc := range []nvlist.Encoding{nvlist.Native, nvlist.XDR} {
		if n := testing.AllocsPerRun(100, func() { list.Pack(enc) }); n > 2 {
			t.Errorf("encoding %d: %v allocations", enc, n)
		}
	}
}

func BenchmarkControls(b *testing.B) {
	for _, op := range operations(b) {
		b.Run(strings.TrimSpace(op.name+" "+op.how), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				op.run()
			}
		})
	}
}

// BenchmarkBesideLibnvpair measures both in turns and prints the medians, their ratios and the
// goals. make bench-nvlist runs it with GOMAXPROCS=1: libnvpair uses one core, so the
// garbage collector must not use another.
func BenchmarkBesideLibnvpair(t *testing.B) {
	command := exec.Command(compile(t, "bench"))
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Wait()
	defer in.Close()
	answers := bufio.NewReader(out)
	ask := func(operation string, count int) (n int64) {
		if _, err := fmt.Fprintln(in, operation, count); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fscanln(answers, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if native := len(pack(t, buildControls(), nvlist.Native)); ask("size", 0) != int64(native) {
		t.Fatalf("the lists differ: ours has %d bytes", native)
	}
	const rounds, count = 15, 20000
	fmt.Printf("The list of %d controls; medians of %d rounds in turns; Go on %d core(s).\n", len(zoneControls), rounds, runtime.GOMAXPROCS(0))
	fmt.Printf("%-35s %12s %12s %8s %8s\n", "operation", "libnvpair", "here", "ratio", "aim")
	for _, op := range operations(t) {
		var theirs, ours []float64
		for range rounds {
			theirs = append(theirs, float64(ask(op.name, count))/count)
			start := time.Now()
			for range count {
				op.run()
			}
			ours = append(ours, float64(time.Since(start))/count)
		}
		slices.Sort(theirs)
		slices.Sort(ours)
		their, our := theirs[rounds/2], ours[rounds/2]
		aim := ""
		if op.aim > 0 {
			if aim = fmt.Sprintf("%.2f", op.aim); our/their > op.aim {
				aim += ", missed"
			}
		}
		fmt.Printf("%-35s %9.0f ns %9.0f ns %8.3f %8s\n", strings.TrimSpace(op.name+" "+op.how), their, our, our/their, aim)
	}
}

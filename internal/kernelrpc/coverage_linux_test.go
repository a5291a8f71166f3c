package kernelrpc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// bodies are the types of the bodies of each op's request and reply, nil for none.
var bodies = map[string]struct{ request, reply any }{
	wire.OpCreate: {zone.Def{}, zone.ID(0)}, wire.OpBoot: {}, wire.OpShutdown: {}, wire.OpDestroy: {},
	wire.OpGetattr: {wire.Getattr{}, wire.Attr{}}, wire.OpSetattr: {zone.AttrValue{}, nil},
	wire.OpList: {0, wire.IDs{}}, wire.OpLookup: {nil, zone.ID(0)}, wire.OpVersion: {nil, 0},
	wire.OpAddLink: {zone.LinkID(0), nil}, wire.OpRemoveLink: {zone.LinkID(0), nil}, wire.OpCheckLink: {zone.LinkID(0), zone.ID(0)},
	wire.OpListLinks: {0, wire.Links{}},
	wire.OpMake:      {zone.Definition{}, zone.Outcome{}}, wire.OpBootWith: {[]zone.Step{}, zone.Outcome{}},
	wire.OpTable: {nil, wire.Table{}}, wire.OpInspect: {nil, zone.Info{}},
	wire.OpMount: {[]zone.Mount{}, 0}, wire.OpUnmount: {wire.Unmount{}, nil}, wire.OpLinkByName: {nil, zone.LinkID(0)},
	wire.OpLinkName: {zone.LinkID(0), ""}, wire.OpSetAddress: {wire.Address{}, nil},
	wire.OpKstats: {nil, []zone.Kstat{}}, wire.OpReport: {nil, zone.Report{}}, wire.OpHolds: {nil, zone.Holds{}},
	wire.OpStart: {wire.Cmd{}, wire.Started{}}, wire.OpWait: {int64(0), zone.ExitStatus{}}, wire.OpSignal: {wire.Signal{}, nil},
	wire.OpWatch:        {nil, []zone.Event{}},
	wire.OpRctlControls: {nil, []rctl.Control{}}, wire.OpRctlValues: {nil, []rctl.Value{}}, wire.OpRctlUsage: {nil, uint64(0)},
	wire.OpRctlInsert: {rctl.Value{}, nil}, wire.OpRctlReplace: {wire.Replace{}, nil}, wire.OpRctlDelete: {rctl.Value{}, nil},
}

// unsent are fields that no call of these tests can fill, each for a reason.
var unsent = map[string]string{
	"rctl.Value.Fired":      "the embedded kernel doesn't say when a value was exceeded",
	"zone.Error.Ext":        "TestErrors has errors with it",
	"zone.Holds.Mounts":     "TestMountAgainstShutdown of package kernel has mounts that take long",
	"zone.Holds.Subsystems": "TestHolds of package kernel has references of subsystems",
	"zone.Event.Lost":       "TestSlowWatch has events with it",
	"wire.Table.Caller":     "only callers in the global zone are answered, whose id is 0",
}

// ops returns the operations that package wire declares.
func ops(t *testing.T) (values []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "wire/op.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Op") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
		return true
	})
	return values
}

// coverage is what has passed a relay: ops, and fields that weren't empty.
type coverage struct {
	mu     sync.Mutex
	ops    map[string]bool
	fields map[string]bool
	bad    []string
}

// relayed is a kernel behind a relay that looks at every message.
func relayed(t *testing.T) (*side, *coverage) {
	m := newMachine()
	behind := t.TempDir()
	s := server.New(newKernel(t, m), uint32(os.Getuid()))
	s.Detail = detail
	listen(t, behind, s.Serve)
	seen := &coverage{ops: map[string]bool{}, fields: map[string]bool{}}
	front := t.TempDir()
	listen(t, front, func(conn *door.Conn) { seen.relay(conn, behind) })
	c := dial(t, front)
	return &side{Kernel: c, System: c, machine: m}, seen
}

// relay passes the messages of a connection on.
func (c *coverage) relay(conn *door.Conn, behind string) {
	to, err := door.Dial(locate.KernelDoor(behind))
	if err != nil {
		c.complain(err.Error())
		return
	}
	defer to.Close()
	var op string
	var opMu sync.Mutex
	go func() {
		defer conn.Close()
		for {
			message, files, err := wire.Receive(to, wire.MaxReply)
			if err != nil {
				return
			}
			opMu.Lock()
			c.reply(op, message)
			opMu.Unlock()
			err = wire.Send(conn, message, files...)
			for _, f := range files {
				f.Close()
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		message, files, err := wire.Receive(conn, wire.MaxRequest)
		if err != nil {
			return
		}
		opMu.Lock()
		op = c.request(message)
		opMu.Unlock()
		err = wire.Send(to, message, files...)
		for _, f := range files {
			f.Close()
		}
		if err != nil {
			return
		}
	}
}

func (c *coverage) complain(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bad = append(c.bad, text)
}

func (c *coverage) request(message []byte) (op string) {
	r, err := wire.DecodeRequest(message)
	if err != nil {
		c.complain(err.Error())
		return ""
	}
	c.see(reflect.ValueOf(*r))
	types, known := bodies[r.Op]
	if !known {
		c.complain("an op without bodies in this test: " + r.Op)
	}
	switch {
	case types.request != nil:
		body := reflect.New(reflect.TypeOf(types.request))
		if err := r.Take(body.Interface()); err != nil {
			c.complain(r.Op + ": " + err.Error())
		}
		c.see(body.Elem())
	case len(r.Body) > 0:
		c.complain(r.Op + ": a request with a body")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ops[r.Op] = true
	return r.Op
}

func (c *coverage) reply(op string, message []byte) {
	var body any
	if of := bodies[op].reply; of != nil {
		body = reflect.New(reflect.TypeOf(of)).Interface()
	}
	failure, spans, err := wire.DecodeReply(message, body)
	if err != nil {
		c.complain(op + ": " + err.Error())
	}
	c.see(reflect.ValueOf(failure))
	c.see(reflect.ValueOf(spans))
	c.see(reflect.ValueOf(body))
}

// see notes the fields that aren't empty.
func (c *coverage) see(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			c.see(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			c.see(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				c.mu.Lock()
				c.fields[v.Type().String()+"."+v.Type().Field(i).Name] = true
				c.mu.Unlock()
				c.see(v.Field(i))
			}
		}
	}
}

// fields adds the fields of a type, and of the types in it.
func fields(t reflect.Type, all map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		fields(t.Elem(), all)
	case reflect.Struct:
		for i := range t.NumField() {
			name := t.String() + "." + t.Field(i).Name
			if t.Field(i).IsExported() && !all[name] {
				all[name] = true
				fields(t.Field(i).Type, all)
			}
		}
	}
}

// check fails for whatever the protocol has and nothing has sent.
func (c *coverage) check(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range c.bad {
		t.Error(text)
	}
	all := map[string]bool{}
	fields(reflect.TypeFor[wire.Request](), all)
	fields(reflect.TypeFor[zone.Error](), all)
	fields(reflect.TypeFor[trace.Span](), all)
	declared := ops(t)
	for _, op := range declared {
		if !c.ops[op] {
			t.Errorf("no call sends %s", op)
		}
	}
	for op, types := range bodies {
		if !slices.Contains(declared, op) {
			t.Errorf("there is no op %s", op)
		}
		for _, body := range []any{types.request, types.reply} {
			if body != nil {
				fields(reflect.TypeOf(body), all)
			}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(all)) {
		if why := unsent[field]; !c.fields[field] && why == "" {
			t.Errorf("no call sends %s", field)
		} else if c.fields[field] && why != "" {
			t.Errorf("%s is sent, though %s", field, why)
		}
	}
}

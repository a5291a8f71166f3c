package markup

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"least", "<a/>", "<?xml version=\"1.0\"?>\n<a/>\n"},
		{"levels", "<a><b><c/></b><b></b></a>", "<?xml version=\"1.0\"?>\n<a>\n  <b>\n    <c/>\n  </b>\n  <b/>\n</a>\n"},
		{"values", `<a b='"&lt;&#9;'/>`, "<?xml version=\"1.0\"?>\n<a b=\"&quot;&lt;&#9;\"/>\n"},
		{"a quote in an identifier", `<!DOCTYPE a SYSTEM 'x"y'><a/>`, "<?xml version=\"1.0\"?>\n<!DOCTYPE a SYSTEM 'x\"y'>\n<a/>\n"},
		{"all of a declaration", `<?xml version='1.1' encoding='ASCII' standalone="yes" ?><a b="&#252;"/>`, "<?xml version=\"1.1\" encoding=\"ASCII\" standalone=\"yes\"?>\n<a b=\"&#252;\"/>\n"},
		{"around", "<?x?><!--1--><!DOCTYPE a><!--2--><a/><!--3-->", "<?xml version=\"1.0\"?>\n<?x?>\n<!--1-->\n<!DOCTYPE a>\n<!--2-->\n<a/>\n<!--3-->\n"},
	} {
		d, err := Parse([]byte(test.text))
		if err != nil || string(d.Bytes()) != test.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", test.name, err, d.Bytes(), test.want)
		}
	}
}

func TestSyntaxError(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("<a>\n<b\nc='x\n&y;'/></a>"))
	var e *SyntaxError
	if !errors.As(err, &e) || e.Line != 3 || e.Element != "b" || !strings.HasPrefix(err.Error(), "line 3: in <b>: ") {
		t.Errorf("%v", err)
	}
	for _, text := range []string{
		strings.Repeat("<a>", maxDepth+1), "<a", "<a b", "<a b=", "<a b='", "<a></a", "<!", "<?", "<!--", "<!DOCTYPE", "<!DOCTYPE a PUBLIC 'b'><a/>", "<?xml version='2.0'?><a/>",
		"<?xml version='1.0' encoding='8'?><a/>", "<?xml?><a/>", "<a><!DOCTYPE b></a>", "<a b='&#x110000;'/>", "<a b='&#xD800;'/>", "<a b='&#1_0;'/>", "<1/>", "<?xml version='1.0' standalone='maybe'?><a/>",
	} {
		if d, err := Parse([]byte(text)); !errors.As(err, &e) {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
}

// TestParseText: texts as the reader of the standard library has them, which is
// held here and linked into no command.
func TestParseText(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"plain":        "<a><b>/sbin/init %z </b></a>",
		"lines":        "<a>\n <b>\r\n\tx\ry\n</b> </a>",
		"references":   "<a><b>&lt;&gt;&amp;&apos;&quot;&#65;&#x20ac;</b></a>",
		"CDATA":        "<a><b>1<![CDATA[<2>&amp;]]>3<![CDATA[]]></b></a>",
		"comments":     "<a><!-- x --><b>1<!-- <2> -->3<?x 4?>5</b></a>",
		"nothing":      "<a><b></b></a>",
		"wide":         "<a><b>\u00fc\u20ac\U0001f600</b></a>",
		"around other": "<a>x<b>y</b>z</a>",
	} {
		var want struct {
			Text string `xml:",chardata"`
			B    string `xml:"b"`
		}
		if err := xml.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		d, err := ParseText([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if b := d.Root.Elements()[0].Text; d.Root.Text != want.Text || b != want.B {
			t.Errorf("%s: %q around %q, want %q around %q", name, d.Root.Text, b, want.Text, want.B)
		}
	}
	for _, text := range []string{"<a>x", "<a>]]></a>", "<a>&b;</a>", "<a>\x01</a>", "<a><![CDATA[x</a>", "<a><!x></a>", "x<a/>", "<a/>x"} {
		var e *SyntaxError
		if d, err := ParseText([]byte(text)); !errors.As(err, &e) {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
}

func TestTreesAreKept(t *testing.T) {
	t.Parallel()
	e := &Element{Name: "a", Attrs: []Attr{{"x", "1"}, {"y", "2"}}}
	with, more, without := e.With("x", "3"), e.With("z", "4"), e.Without("x")
	for got, want := range map[*Element]string{e: `<a x="1" y="2"/>`, with: `<a x="3" y="2"/>`, more: `<a x="1" y="2" z="4"/>`, without: `<a y="2"/>`} {
		if string(got.Bytes()) != want {
			t.Errorf("%s, want %s", got.Bytes(), want)
		}
	}
}

package main

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	var packed bytes.Buffer
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewWriter(z)
	archive.WriteHeader(&tar.Header{Name: "etc/motd", Mode: 0o644, Size: 5, Uid: os.Getuid(), Gid: os.Getgid()})
	archive.Write([]byte("hello"))
	archive.Close()
	z.Close()
	source, root := filepath.Join(dir, "root.tar.zst"), filepath.Join(dir, "root")
	if err := os.WriteFile(source, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "broken")
	if err := os.WriteFile(broken, packed.Bytes()[:packed.Len()-8], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"an archive", []string{source, root}, 0, ""},
		{"none", []string{filepath.Join(dir, "none"), root}, 1, "no such file"},
		{"a cut one", []string{broken, root}, 1, "broken: "},
		{"no directory", []string{source, filepath.Join(dir, "nowhere")}, 1, "nowhere"},
		{"too few arguments", []string{source}, 2, "accepts 2 arg"},
		{"an unknown option", []string{"-x", source, root}, 2, "unknown shorthand"},
	} {
		var out, errs bytes.Buffer
		if status := run(test.args, &out, &errs); status != test.status || !strings.Contains(errs.String(), test.says) || (test.says == "") != (errs.Len() == 0) {
			t.Errorf("%s: status %d, %q", test.name, status, errs.String())
		}
	}
	if text, err := os.ReadFile(filepath.Join(root, "etc/motd")); err != nil || string(text) != "hello" {
		t.Errorf("%q, %v", text, err)
	}
}

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"unicode/utf16"
)

// A file of the seed disk.
type seedFile struct{ name, text string }

// seedFiles are what cloud-init reads from a disk labelled cidata: a configuration which
// lets the key in, and the name of this instance. Where an image's cloud-init only knows
// some of the ways, the others are for nothing.
func seedFiles(user, key string) []seedFile {
	var commands strings.Builder
	for _, line := range letIn(key) {
		fmt.Fprintf(&commands, "  - %q\n", line)
	}
	// The commands run as root without a home directory.
	home := "/root"
	if user != "root" {
		home = "~" + user
	}
	return []seedFile{
		{"meta-data", "instance-id: zones-omnios\nlocal-hostname: zones-omnios\n"},
		{"user-data", fmt.Sprintf(`#cloud-config
disable_root: false
ssh_authorized_keys:
  - %[1]s
users:
  - name: %[2]s
    ssh_authorized_keys:
      - %[1]s
runcmd:
  - "export HOME=%[3]s"
%[4]s`, key, user, home, commands.String())},
	}
}

// Sizes of ISO 9660 (ECMA-119).
const (
	sector = 2048
	// The layout: 16 empty sectors, three descriptors, four path tables, two directories.
	primaryAt, jolietAt, endAt           = 16, 17, 18
	tableAt                              = 19
	rootAt, jolietRootAt, firstFileAt    = 23, 24, 25
	rootRecordAt, volumeIDAt, sizeOfName = 156, 40, 32
)

// writeSeed writes an ISO 9660 image with Joliet names, which needs no program that a
// machine may lack. Every name must fit into one directory sector.
func writeSeed(path, label string, files []seedFile) error {
	image := make([]byte, firstFileAt*sector)
	var contents []byte
	root, joliet := rootRecords(rootAt), rootRecords(jolietRootAt)
	for i, f := range files {
		at := uint32(firstFileAt + len(contents)/sector)
		// Names of the first directory have eight letters at most; nobody reads them.
		root = append(root, record([]byte(fmt.Sprintf("FILE%d.;1", i)), at, len(f.text), false)...)
		joliet = append(joliet, record(ucs2(f.name), at, len(f.text), false)...)
		contents = append(contents, f.text...)
		contents = append(contents, make([]byte, (sector-len(contents)%sector)%sector)...)
	}
	if len(root) > sector || len(joliet) > sector {
		return fmt.Errorf("%s: too many files", path)
	}
	copy(image[rootAt*sector:], root)
	copy(image[jolietRootAt*sector:], joliet)
	sectors := firstFileAt + len(contents)/sector
	describe(image[primaryAt*sector:], 1, strings.ToUpper(label), sectors, rootAt, tableAt)
	describe(image[jolietAt*sector:], 2, label, sectors, jolietRootAt, tableAt+2)
	copy(image[endAt*sector:], "\xffCD001\x01")
	for i, at := range []uint32{rootAt, jolietRootAt} {
		copy(image[(tableAt+2*i)*sector:], pathTable(binary.LittleEndian, at))
		copy(image[(tableAt+2*i+1)*sector:], pathTable(binary.BigEndian, at))
	}
	return os.WriteFile(path, append(image, contents...), 0o600)
}

// both stores a number in both byte orders, as most fields have it.
func both32(n uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, n), n)
}

func both16(n uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, n), n)
}

func ucs2(s string) (b []byte) {
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, unit)
	}
	return b
}

// record is a directory record.
func record(name []byte, at uint32, size int, directory bool) []byte {
	r := make([]byte, 33, 33+len(name)+1)
	copy(r[2:], both32(at))
	copy(r[10:], both32(uint32(size)))
	copy(r[18:], []byte{126, 1, 1, 0, 0, 0, 0}) // a date: the same seed is the same bytes
	if directory {
		r[25] = 2
	}
	copy(r[28:], both16(1))
	r[32] = byte(len(name))
	r = append(r, name...)
	if len(r)%2 == 1 {
		r = append(r, 0)
	}
	r[0] = byte(len(r))
	return r
}

// rootRecords are the entries of a root directory for itself and for its parent.
func rootRecords(at uint32) []byte {
	return append(record([]byte{0}, at, sector, true), record([]byte{1}, at, sector, true)...)
}

// describe writes a volume descriptor; kind is 1 for the primary one and 2 for Joliet.
func describe(d []byte, kind byte, label string, sectors int, root uint32, table int) {
	d[0] = kind
	copy(d[1:], "CD001\x01")
	blank := []byte(" ")
	name := []byte(label)
	if kind == 2 {
		blank, name = []byte{0, ' '}, ucs2(label)
		copy(d[88:], "%/E") // UCS-2, level 3
	}
	fill(d[8:72], blank) // system, volume
	copy(d[volumeIDAt:volumeIDAt+sizeOfName], name)
	copy(d[80:], both32(uint32(sectors)))
	copy(d[120:], both16(1)) // volumes
	copy(d[124:], both16(1))
	copy(d[128:], both16(sector))
	copy(d[132:], both32(uint32(len(pathTable(binary.LittleEndian, 0)))))
	binary.LittleEndian.PutUint32(d[140:], uint32(table))
	binary.BigEndian.PutUint32(d[148:], uint32(table+1))
	copy(d[rootRecordAt:], record([]byte{0}, root, sector, true))
	fill(d[190:813], blank) // names of publishers and files
	for _, date := range []int{813, 830, 847, 864} {
		copy(d[date:], "0000000000000000")
	}
	d[881] = 1
}

func fill(b, with []byte) {
	for i := range b {
		b[i] = with[i%len(with)]
	}
}

// pathTable lists the only directory.
func pathTable(order binary.AppendByteOrder, root uint32) []byte {
	t := order.AppendUint32([]byte{1, 0}, root)
	return append(order.AppendUint16(t, 1), 0, 0)
}

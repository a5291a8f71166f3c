// Check compares this project's declarations of illumos with a tree of the system's
// headers, on any machine with clang or on illumos with gcc, and prints the declarations that
// differ. It exits with 1 if there are any, and with 2 if it couldn't compare.
package main

import (
	"debug/elf"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/gozones/zones/sys/internal/headers"
)

func main() {
	sysroot := flag.String("sysroot", "", "directory with usr/include of illumos")
	compiler := flag.String("cc", "clang", "the `compiler`: clang, or gcc where it is one for illumos")
	all := flag.Bool("v", false, "also print what is the same")
	flag.Parse()
	differ, err := check(*sysroot, *compiler, *all)
	if err != nil {
		fmt.Fprintln(os.Stderr, "headers:", err)
		os.Exit(2)
	}
	if differ > 0 {
		os.Exit(1)
	}
}

// prologue declares a symbol for each fact.
const prologue = `#define INCLUDES
#include "facts.h"
#undef INCLUDES
#define	INTEGER(number, expression)	extern const long long zones_fact_##number; const long long zones_fact_##number = (long long)(expression);
#define	TEXT(number, string)		extern const char zones_fact_##number[]; const char zones_fact_##number[] = string;
#include "facts.h"
`

func check(sysroot, compiler string, all bool) (differ int, err error) {
	if _, err := os.Stat(filepath.Join(sysroot, "usr/include/sys/zone.h")); err != nil || sysroot == "" {
		return 0, fmt.Errorf("%q is not a tree of illumos headers: it has no usr/include/sys/zone.h", sysroot)
	}
	dir, err := os.MkdirTemp("", "headers")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	facts := headers.Facts()
	text := strings.Split(headers.C, "\n")
	missing, err := compile(dir, sysroot, compiler, text)
	if err != nil {
		return 0, err
	}
	said, err := read(filepath.Join(dir, "facts.o"), facts)
	if err != nil {
		return 0, err
	}
	same, absent := 0, 0
	without := "" // prefix of the members of a structure that the headers don't have
	for i, f := range facts {
		s, ok := said[i]
		switch {
		case !ok:
			absent++
			if without != "" && strings.HasPrefix(f.Name, without) {
				continue
			}
			if name, ok := strings.CutPrefix(f.Name, "sizeof ("); ok {
				without = strings.Replace(name, ")", "", 1) + "."
			}
			why := "these headers don't have it"
			if m := missing[i]; m != "" {
				why += ": " + m
			}
			fmt.Printf("%s: not compared: %s\n", f.Name, why)
		case s.Value != f.Value || s.Text != f.Text:
			differ++
			fmt.Printf("%s: DIFFERS: Go has %s, the header %s\n", f.Name, show(f), show(s))
		default:
			same++
			if all {
				fmt.Printf("%s: %s\n", f.Name, show(f))
			}
		}
	}
	fmt.Printf("%d declarations are as in the headers, %d differ, %d are not in these headers\n", same, differ, absent)
	if same == 0 {
		return differ, fmt.Errorf("nothing could be compared")
	}
	return differ, nil
}

func show(f headers.Fact) string {
	if f.IsText {
		return strconv.Quote(f.Text)
	}
	return fmt.Sprintf("%d (%#x)", f.Value, uint64(f.Value))
}

var (
	complaint = regexp.MustCompile(`facts\.h:(\d+):\d+: error: (.*)`)
	factLine  = regexp.MustCompile(`^(?:INTEGER|TEXT)\((\d+),`)
)

// compile compiles the facts to facts.o. It returns the compiler's message for each
// fact that the headers don't have, and leaves those out.
func compile(dir, sysroot, compiler string, text []string) (map[int]string, error) {
	missing := map[int]string{}
	if err := os.WriteFile(filepath.Join(dir, "facts.c"), []byte(prologue), 0o644); err != nil {
		return nil, err
	}
	for {
		if err := os.WriteFile(filepath.Join(dir, "facts.h"), []byte(strings.Join(text, "\n")), 0o644); err != nil {
			return nil, err
		}
		cmd := exec.Command(compiler, append(flags(compiler, sysroot), "-c", "-o", "facts.o", "facts.c")...)
		cmd.Dir = dir
		said, err := cmd.CombinedOutput()
		if err == nil {
			return missing, nil
		}
		dropped := 0
		for _, m := range complaint.FindAllStringSubmatch(string(said), -1) {
			line, err := strconv.Atoi(m[1])
			if err != nil || line < 1 || line > len(text) {
				continue
			}
			fact := factLine.FindStringSubmatch(text[line-1])
			if fact == nil {
				continue
			}
			number, err := strconv.Atoi(fact[1])
			if err != nil {
				continue
			}
			missing[number] = m[2]
			text[line-1] = ""
			dropped++
		}
		if dropped == 0 {
			return nil, fmt.Errorf("%s: %w\n%s", compiler, err, said)
		}
	}
}

// flags make a compiler use the headers of sysroot, and report every error in one line. gcc
// compiles for the machine that it was built for, so its caller has chosen the right one.
func flags(compiler, sysroot string) []string {
	if strings.Contains(filepath.Base(compiler), "gcc") {
		list := []string{"-m64", "-fmax-errors=0", "-fno-diagnostics-show-caret"}
		if filepath.Clean(sysroot) != "/" { // its own headers
			list = append(list, "--sysroot="+sysroot)
		}
		return list
	}
	return []string{"--target=x86_64-pc-solaris2.11", "--sysroot=" + sysroot, "-ferror-limit=0", "-fno-caret-diagnostics"}
}

// read returns the facts in the object file.
func read(path string, facts []headers.Fact) (map[int]headers.Fact, error) {
	file, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		return nil, err
	}
	said := map[int]headers.Fact{}
	for _, s := range symbols {
		digits, ok := strings.CutPrefix(s.Name, "zones_fact_")
		if !ok {
			continue
		}
		number, err := strconv.Atoi(digits)
		if err != nil || number >= len(facts) || int(s.Section) >= len(file.Sections) {
			return nil, fmt.Errorf("%s: unexpected symbol %s", path, s.Name)
		}
		raw := make([]byte, s.Size)
		if section := file.Sections[s.Section]; section.Type != elf.SHT_NOBITS { // else zeros
			if _, err := section.ReadAt(raw, int64(s.Value)); err != nil {
				return nil, err
			}
		}
		if facts[number].IsText {
			said[number] = headers.Fact{Text: strings.TrimSuffix(string(raw), "\x00"), IsText: true}
		} else {
			said[number] = headers.Fact{Value: int64(binary.LittleEndian.Uint64(raw))}
		}
	}
	return said, nil
}

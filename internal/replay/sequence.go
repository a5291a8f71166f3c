package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Sequence is a recording: steps that start with a newly booted kernel.
type Sequence struct {
	Format  int             `json:"format"`
	Name    string          `json:"name"`
	Initial json.RawMessage `json:"initial"`
	Steps   []Step          `json:"steps"`
}

// Step is a call or a change of the environment, with everything that was observed.
type Step struct {
	N         int                        `json:"n"`
	PID       *int32                     `json:"pid"`
	Call      string                     `json:"call"`
	Args      map[string]json.RawMessage `json:"args"`
	Model     string                     `json:"model"`
	Budget    int64                      `json:"budget"`
	Completed []Completed                `json:"completed"`
	Blocked   bool                       `json:"blocked"`
	Events    []Event                    `json:"events"`
	Log       []string                   `json:"log"`
	LogTotal  int                        `json:"log_total"`
	State     json.RawMessage            `json:"state"`
	Result
}

// Completed is a blocked call that returned during a later step.
type Completed struct {
	Step int `json:"step"`
	Result
}

// Result is what a call returned. Fields that don't apply to a call are nil.
type Result struct {
	Ret          *int64            `json:"ret"`
	Errno        int32             `json:"errno"`
	RetUndefined bool              `json:"ret_undefined"`
	NoReturn     bool              `json:"noreturn"`
	Out          map[string]string `json:"out"`

	Key         *int64          `json:"key"`
	Visible     *int            `json:"visible"`
	Write       *int            `json:"write"`
	Skipped     json.RawMessage `json:"skipped"`
	ZoneID      *int32          `json:"zoneid"`
	HostID      *uint32         `json:"hostid"`
	NCPUs       *int            `json:"ncpus"`
	NCPUsOnline *int            `json:"ncpus_online"`
	PsetID      *int32          `json:"psetid"`
	Kstats      []Kstat         `json:"kstats"`
	Holds       map[string]int  `json:"holds"`
}

// Kstat is a recorded statistic.
type Kstat struct {
	Module   string         `json:"module"`
	Instance int32          `json:"instance"`
	Name     string         `json:"name"`
	Class    string         `json:"class"`
	Update   int            `json:"update"`
	Extra    int            `json:"datasize_extra"`
	Zones    []int32        `json:"zones"`
	Data     map[string]any `json:"data"`
}

// Event is an observable action of the kernel.
type Event map[string]any

// Load reads every recording in a directory and those below: *.json with one each,
// *.jsonl and *.jsonl.gz with one per line.
func Load(dir fs.FS, each func(file string, s *Sequence) error) error {
	return fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == "environment.json" || strings.HasSuffix(path, "/environment.json") {
			return err
		}
		file, err := dir.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := read(path, file, each); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

func read(path string, r io.Reader, each func(string, *Sequence) error) error {
	name := path
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r, name = z, strings.TrimSuffix(name, ".gz")
	}
	decode := func(raw []byte) error {
		s := new(Sequence)
		if err := json.Unmarshal(raw, s); err != nil {
			return err
		}
		if s.Format != 1 {
			return fmt.Errorf("recording %q has format %d, this reader knows 1", s.Name, s.Format)
		}
		return each(path, s)
	}
	switch {
	case strings.HasSuffix(name, ".json"):
		raw, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		return decode(raw)
	case strings.HasSuffix(name, ".jsonl"):
		lines := bufio.NewReaderSize(r, 1<<20)
		for {
			line, err := lines.ReadBytes('\n')
			if len(bytes.TrimSpace(line)) > 0 {
				if err := decode(line); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// parseBytes reads a byte string: "x:" and hexadecimal, or "l:" and one character per
// byte.
func parseBytes(s string) ([]byte, error) {
	if text, ok := strings.CutPrefix(s, "x:"); ok {
		return hex.DecodeString(text)
	}
	text, ok := strings.CutPrefix(s, "l:")
	if !ok {
		return nil, fmt.Errorf("byte string %.20q has neither x: nor l: in front", s)
	}
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		raw = append(raw, byte(r))
	}
	return raw, nil
}

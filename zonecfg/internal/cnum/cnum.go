// Package cnum reads numbers as the C library does, since the system's tools read
// configurations that way: strtoull, strtof and strtold with all that they accept
// (blanks and a sign before the number, hexadecimal floats, inf) and what a program
// compiled for amd64 makes of a result that is too large.
package cnum

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Blanks are the characters that isspace(3C) knows.
const Blanks = " \t\n\v\f\r"

// sign cuts blanks and a sign off the beginning.
func sign(text string) (rest string, negative bool) {
	rest = strings.TrimLeft(text, Blanks)
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		return rest[1:], rest[0] == '-'
	}
	return rest, false
}

// Uint reads a number as strtoull(3C) does and returns it with what follows it. A base
// of 0 is told by the prefix. Where there is no number, n is 0 and rest the whole
// text. ok is false for more than 64 bits; n is the largest number then. A negative
// number wraps around.
func Uint(text string, base int) (n uint64, rest string, ok bool) {
	digits, negative := sign(text)
	if len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x' && digit(digits[2]) < 16 && (base == 0 || base == 16) {
		base, digits = 16, digits[2:]
	}
	switch {
	case base == 0 && strings.HasPrefix(digits, "0"):
		base = 8
	case base == 0:
		base = 10
	}
	end := 0
	for end < len(digits) && digit(digits[end]) < base {
		end++
	}
	if end == 0 {
		return 0, text, true
	}
	n, err := strconv.ParseUint(digits[:end], base, 64)
	if negative && err == nil {
		n = -n
	}
	return n, digits[end:], err == nil
}

// digit returns the value of a digit of any base, or more than all of them have.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 36
}

// Int reads the whole of a text as strtoll(3C) does in base 10; ok is false when
// something follows the number, or it doesn't fit. An empty text is 0.
func Int(text string) (n int64, ok bool) {
	digits, negative := sign(text)
	magnitude, rest, ok := Uint(digits, 10)
	if !ok || rest != "" || digits == "" && text != "" || digits != "" && digit(digits[0]) > 9 {
		return 0, false
	}
	if negative {
		return -int64(magnitude), magnitude <= 1<<63
	}
	return int64(magnitude), magnitude <= math.MaxInt64
}

// scan cuts a floating-point number off the beginning of a text, as strtod(3C) does.
// number is written as strconv reads it, "" where there is none.
func scan(text string) (number, rest string) {
	body, negative := sign(text)
	prefix := ""
	if negative {
		prefix = "-"
	}
	for _, word := range []string{"infinity", "inf", "nan"} {
		if len(body) >= len(word) && strings.EqualFold(body[:len(word)], word) {
			return prefix + word, afterNaN(word, body[len(word):])
		}
	}
	base, exponent, mantissa := 10, byte('e'), body
	if len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x' && (digit(body[2]) < 16 || body[2] == '.' && len(body) > 3 && digit(body[3]) < 16) {
		base, exponent, mantissa = 16, 'p', body[2:]
	}
	end, digits, point := 0, 0, false
	for ; end < len(mantissa); end++ {
		switch c := mantissa[end]; {
		case digit(c) < base:
			digits++
			continue
		case c == '.' && !point:
			point = true
			continue
		}
		break
	}
	if digits == 0 {
		return "", text
	}
	number, rest = mantissa[:end], mantissa[end:]
	power := ""
	if rest != "" && rest[0]|0x20 == exponent {
		p := 1
		if p < len(rest) && (rest[p] == '+' || rest[p] == '-') {
			p++
		}
		first := p
		for p < len(rest) && digit(rest[p]) < 10 {
			p++
		}
		if p > first {
			power, rest = rest[1:p], rest[p:]
		}
	}
	if base == 16 {
		prefix += "0x"
	}
	if power == "" {
		power = "0"
	}
	return prefix + number + string(exponent) + power, rest
}

// afterNaN drops the "(...)" that may follow nan.
func afterNaN(word, rest string) string {
	if word != "nan" || !strings.HasPrefix(rest, "(") {
		return rest
	}
	end := 1
	for end < len(rest) && (digit(rest[end]) < 36 || rest[end] == '_') {
		end++
	}
	if end < len(rest) && rest[end] == ')' {
		return rest[end+1:]
	}
	return rest
}

// Float32 reads a number as strtof(3C) does and returns it with what follows it; 0 and
// the whole text where there is none.
func Float32(text string) (value float32, rest string) {
	number, rest := scan(text)
	if number == "" {
		return 0, text
	}
	wide, _ := strconv.ParseFloat(number, 32) // the error is an overflow, whose value is right
	return float32(wide), rest
}

// Scaled is a number as strtold(3C) reads it: 64 bits of it count.
type Scaled struct {
	value big.Float
	nan   bool
}

const (
	largestExponent  = 20000  // of ten or two: beyond the range of a long double
	smallestExponent = -16445 // of two: what is smaller is 0
)

// LongDouble reads a number as strtold(3C) does and returns it with what follows it; 0
// and the whole text where there is none.
func LongDouble(text string) (s Scaled, rest string) {
	number, rest := scan(text)
	if number == "" {
		return s, text
	}
	body, negative := strings.CutPrefix(number, "-")
	switch {
	case body == "nan":
		s.nan = true
	case strings.HasPrefix(body, "inf"), exponentOf(number) > largestExponent:
		s.value.SetInf(negative)
	case exponentOf(number) < -largestExponent:
	default:
		exact, ok := new(big.Rat).SetString(number)
		if ok {
			s.value.SetPrec(64).SetRat(exact)
		}
		if s.value.MantExp(nil) < smallestExponent {
			s.value.SetInt64(0)
		}
	}
	return s, rest
}

// exponentOf returns the exponent at the end of a scanned number.
func exponentOf(number string) int {
	at := strings.LastIndexAny(number, "ep")
	if strings.HasPrefix(strings.TrimPrefix(number, "-"), "0x") {
		at = strings.LastIndexByte(number, 'p')
	}
	n, err := strconv.Atoi(strings.TrimPrefix(number[at+1:], "+"))
	if err != nil && strings.HasPrefix(number[at+1:], "-") {
		return -largestExponent - 1
	}
	if err != nil {
		return largestExponent + 1
	}
	return n
}

// Negative tells whether the number is less than 0; -0 isn't.
func (s Scaled) Negative() bool { return s.value.Sign() < 0 }

// Shifted returns the number times 1<<bits as an integer, without what is left of a
// whole. What doesn't fit 64 bits becomes what amd64's conversion makes of it: 0, and
// 1<<63 of nan.
func (s Scaled) Shifted(bits int) uint64 {
	switch {
	case s.nan:
		return 1 << 63
	case s.value.IsInf():
		return 0
	}
	var product big.Float
	product.SetMantExp(&s.value, bits)
	n, _ := product.Int(nil)
	if !n.IsUint64() {
		return 0
	}
	return n.Uint64()
}

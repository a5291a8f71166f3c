package zlogin

import (
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// The programs of the system's brands.
const (
	systemShell = "/sbin/sh"
	systemSu    = "/usr/bin/su"
)

// directShell is the shell of brands whose zones have no login of their own.
const directShell = "/bin/sh"

// commandLine is the one text that the words of a command become for a shell: each
// with a blank behind it, as zlogin(1) always had it. The zone's shell reads it.
func commandLine(words []string) string {
	var line strings.Builder
	for _, word := range words {
		line.WriteString(word)
		line.WriteByte(' ')
	}
	return line.String()
}

// split takes a brand's login command apart at blanks. There is no quoting; one
// blank at the end is nothing, and two in a row are an error.
func split(command string) ([]string, error) {
	command = strings.TrimSuffix(command, " ")
	words := strings.Split(command, " ")
	for _, word := range words {
		if word == "" {
			return nil, errno.EINVAL
		}
	}
	return words, nil
}

// suWords is the command with which the system's brands run words as a user.
func suWords(user string, words []string) []string {
	if user == rootUser {
		return []string{systemSu, user, "-c", commandLine(words)}
	}
	return []string{systemSu, "-", user, "-c", commandLine(words)}
}

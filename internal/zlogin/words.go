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

// commandLine joins the words of a command for the zone's shell, each followed by a
// blank, as zlogin(1) does.
func commandLine(words []string) string {
	var line strings.Builder
	for _, word := range words {
		line.WriteString(word)
		line.WriteByte(' ')
	}
	return line.String()
}

// split splits a brand's login command at blanks. There is no quoting; one blank at the
// end is ignored, and two in a row are an error.
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

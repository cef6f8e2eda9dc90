package smtpsim

import (
	"encoding/base64"
	"slices"
	"strings"
)

// authenticate is AUTH (RFC 4954) by PLAIN and LOGIN.
func (c *conversation) authenticate(rest string) bool {
	mechanism, first, _ := strings.Cut(rest, " ")
	mechanism = strings.ToUpper(mechanism)
	if c.server.config.User == "" || !slices.Contains(c.server.config.Mechanisms, mechanism) {
		return c.write("504 5.5.4 Unknown mechanism")
	}
	var user, password string
	var ok bool
	switch mechanism {
	case "PLAIN":
		var text string
		if text, ok = c.answer(first, ""); ok {
			parts := strings.Split(text, "\x00")
			if len(parts) == 3 && (parts[0] == "" || parts[0] == parts[1]) {
				user, password = parts[1], parts[2]
			}
		}
	case "LOGIN":
		if user, ok = c.answer(first, "VXNlcm5hbWU6"); ok {
			password, ok = c.answer("", "UGFzc3dvcmQ6")
		}
	}
	switch {
	case !ok:
		return c.write("501 5.5.2 Cannot decode")
	case user != c.server.config.User || password != c.server.config.Password:
		return c.write("535 5.7.8 Authentication credentials invalid")
	}
	c.user = user
	return c.reply(AUTH, "235 2.7.0 Authentication successful")
}

// answer is what the client says to a challenge, unless it said it before.
func (c *conversation) answer(given, challenge string) (string, bool) {
	if given == "" {
		if !c.write("334 " + challenge) {
			return "", false
		}
		var ok bool
		if given, ok = c.line(); !ok || given == "*" {
			return "", false
		}
	}
	text, err := base64.StdEncoding.DecodeString(given)
	return string(text), err == nil
}

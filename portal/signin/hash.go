package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of one hash: 19 MiB, two passes, one lane (OWASP's minimum for
// Argon2id), about 25 ms of one core.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	keyBytes  = 32
)

// ErrPepper means that a PIN was hashed with another pepper than the one given.
var ErrPepper = errors.New("signin: the credential was made with another pepper")

var errEncoding = errors.New("signin: unreadable credential")

// Hash returns the encoded form of a PIN, to keep in the dossier: Argon2id of
// HMAC-SHA-256(pepper, PIN) in the PHC string format, with its parameters and
// with the pepper's id as keyid. The pepper never enters the dossier: a stolen
// file alone does not give the ten thousand PINs of four digits away.
func Hash(pepper []byte, pin string) (string, error) {
	if len(pepper) < 16 {
		return "", fmt.Errorf("signin: pepper of %d bytes, at least 16 wanted", len(pepper))
	}
	if pin == "" {
		return "", errors.New("signin: empty PIN")
	}
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("signin: salt: %w", err)
	}
	c := credential{memory: memoryKiB, passes: passes, lanes: lanes, keyID: keyID(pepper), salt: salt}
	c.key = c.derive(pepper, pin, keyBytes)
	return c.String(), nil
}

// verify tells whether the PIN is the one that was hashed.
func verify(pepper []byte, encoded, pin string) (bool, error) {
	c, err := parseCredential(encoded)
	if err != nil {
		return false, err
	}
	if c.keyID != keyID(pepper) {
		return false, ErrPepper
	}
	return subtle.ConstantTimeCompare(c.derive(pepper, pin, len(c.key)), c.key) == 1, nil
}

// credential is a PHC string taken apart.
type credential struct {
	memory, passes uint32
	lanes          uint8
	keyID          string
	salt, key      []byte
}

func (c credential) derive(pepper []byte, pin string, size int) []byte {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(pin))
	return argon2.IDKey(mac.Sum(nil), c.salt, c.passes, c.memory, c.lanes, uint32(size)) //nolint:gosec // size is the length of a key that we made
}

func (c credential) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d,keyid=%s$%s$%s",
		argon2.Version, c.memory, c.passes, c.lanes, c.keyID, b64.EncodeToString(c.salt), b64.EncodeToString(c.key))
}

// parseCredential reads what String wrote, and refuses costs that only a
// damaged or planted row could ask for.
func parseCredential(encoded string) (credential, error) {
	var c credential
	part := strings.Split(encoded, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, errEncoding
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d,keyid=%s", &c.memory, &c.passes, &c.lanes, &c.keyID); err != nil {
		return c, errEncoding
	}
	var err error
	if c.salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil {
		return c, errEncoding
	}
	if c.key, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil {
		return c, errEncoding
	}
	costs := c.memory >= 8 && c.memory <= 256*1024 && c.passes >= 1 && c.passes <= 10 && c.lanes >= 1 && c.lanes <= 4
	if !costs || len(c.salt) < 8 || len(c.key) < 16 || len(c.key) > 64 {
		return c, errEncoding
	}
	return c, nil
}

// keyID names a pepper without revealing it, so that a rotated one is noticed.
func keyID(pepper []byte) string {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte("sem pepper id"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:6])
}

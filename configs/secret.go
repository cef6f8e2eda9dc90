package configs

import (
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/semenligne/sem/connectors"
)

func isSecret(v reflect.Value) bool {
	return v.IsValid() && v.Type() == reflect.TypeFor[connectors.Secret]()
}

// secretFile reads a secret from the file that the value names, or takes the
// value of ${VARIABLE} when the whole value is one.
func (d *decoder) secretFile(n ast.Node, v reflect.Value, path string) {
	if s, ok := n.(*ast.StringNode); ok && variable.FindString(s.Value) == s.Value {
		d.secretInline(n, v, path)
		return
	}
	name, ok := d.scalar(n, path)
	if !ok || name == "" {
		return
	}
	name = d.path(name)
	info, err := os.Stat(name) //nolint:gosec // the administrator's own file
	if err == nil && info.Size() > 64<<10 {
		d.report(n, path, "the secret file is larger than 64 KiB: is it the right one?")
		return
	}
	data, err := os.ReadFile(name) //nolint:gosec // the administrator's own file
	if err != nil {
		d.report(n, path, "the secret file cannot be read: %v", err)
		return
	}
	if info.Mode().Perm()&0o004 != 0 {
		d.report(n, path, "every user of the machine can read the secret file: chmod o-r it")
		d.problems[len(d.problems)-1].Severity = Warning
	}
	secret := strings.TrimRight(string(data), "\r\n")
	if secret == "" {
		d.report(n, path, "the secret file is empty")
	}
	v.Set(reflect.ValueOf(connectors.NewSecret(secret)))
}

// secretInline takes a secret only from ${VARIABLE}.
func (d *decoder) secretInline(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.StringNode)
	if !ok || variable.FindString(s.Value) != s.Value || s.Value == "" {
		d.report(n, path, "a secret is never written in the file: name a file in %s_file, or write ${VARIABLE}", strings.TrimSuffix(path, "_file"))
		return
	}
	if secret, ok := d.scalar(n, path); ok {
		v.Set(reflect.ValueOf(connectors.NewSecret(secret)))
	}
}

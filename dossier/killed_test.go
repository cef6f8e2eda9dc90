package dossier_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// killedPath, when set in the environment, makes this test binary a writer
// that acknowledges each row until it is killed.
const killedPath = "SEM_TEST_KILLED_DOSSIER"

// TestKilled: what was reported as done is there after kill -9.
func TestKilled(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(killedPath); path != "" {
		writeForEver(t, path)
	}
	path := filepath.Join(t.TempDir(), "dossier.db")
	writer := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	writer.Env = append(os.Environ(), killedPath+"="+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	for lines := bufio.NewScanner(out); acknowledged < 200 && lines.Scan(); acknowledged++ {
		if want := fmt.Sprint(acknowledged); lines.Text() != want {
			t.Fatalf("the writer says %q, want %q", lines.Text(), want)
		}
	}
	if err := writer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := writer.Wait(); err == nil {
		t.Error("the writer was not killed")
	}
	s, err := open(path) // checks the whole file
	if err != nil {
		t.Fatal(err)
	}
	at, err := s.Failures(t.Context(), "key", time.Time{})
	if err != nil || acknowledged != 200 || len(at) < acknowledged {
		t.Errorf("%d rows of %d acknowledged, %v", len(at), acknowledged, err)
	}
	for i := range at {
		if at[i].Unix() != int64(i+1) {
			t.Fatalf("row %d holds %s", i, at[i])
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func writeForEver(t *testing.T, path string) {
	s, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		if err := s.AddFailure(t.Context(), "key", time.Unix(int64(i+1), 0)); err != nil {
			t.Fatal(err)
		}
		fmt.Println(i)
	}
}

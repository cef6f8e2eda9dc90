package smtp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/record"
)

func TestQueueID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2.0.0 Ok: queued as 4XyZ1w2Lgqz3Rk":                               "4XyZ1w2Lgqz3Rk",      // Postfix, Mailpit
		"OK id=1tF3aB-0000000-2Kqz":                                        "1tF3aB-0000000-2Kqz", // Exim
		"2.0.0 a1b2c3d4 Message accepted for delivery":                     "a1b2c3d4",            // OpenSMTPD
		"4AOE5Abc012345 Message accepted for delivery":                     "4AOE5Abc012345",      // Sendmail
		"2.6.0 <x@y> [InternalId=12345, Hostname=MB1] Queued mail for ...": "12345",               // Exchange
		"OK": "", "": "", "queued as <script>": "", "queued as é": "",
	} {
		if got := queueID(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzReply holds every reply at every stage to one bounded end, and to a
// message that is done only where the server said so after the dot.
func FuzzReply(f *testing.F) {
	for _, text := range []string{"5.1.1 User unknown", "5.3.4", "2.0.0 Ok: queued as ABC123", "\xff\x00", "5.7.1 \u202e", "5.1.1.1", "5..", "5.-1.2"} {
		f.Add(550, text)
		f.Add(451, text)
	}
	f.Add(250, "")
	f.Add(-1, "")
	f.Fuzz(func(t *testing.T, code int, text string) {
		if id := queueID(text); len(id) > 64 || id != record.Text(id, 64) {
			t.Fatalf("reference %q", id)
		}
		for _, at := range []stage{stageGreeting, stageHello, stageSecure, stageLogin, stageNoop, stageSender, stageRecipient, stageData, stageDot} {
			receipt, err := judged(at, code, text)
			switch {
			case err == nil && (receipt.Outcome != record.OutcomeRefused || code/100 != 5):
				t.Fatalf("%s %d: %+v", at, code, receipt)
			case err != nil && receipt.Outcome != "":
				t.Fatalf("%s %d: %+v beside %v", at, code, receipt, err)
			case errors.Is(err, connectors.ErrUnavailable) && code/100 != 4 && code/100 != 5:
				t.Fatalf("%s %d: %v", at, code, err)
			case utf8.RuneCountInString(receipt.Note) > maxNote+1:
				t.Fatalf("note of %d characters", utf8.RuneCountInString(receipt.Note))
			}
		}
	})
}

// FuzzConversation answers with arbitrary bytes. A message is done only when
// the bytes could be those of a server that took it.
func FuzzConversation(f *testing.F) {
	f.Add([]byte("220 a\r\n250-a\r\n250 SIZE 1000000\r\n250 a\r\n250 a\r\n250 a\r\n354 a\r\n250 2.0.0 Ok: queued as ABCDEF\r\n221 a\r\n"))
	f.Add([]byte("220 a\r\n250 a\r\n250 a\r\n250 a\r\n550 5.1.1 \xff\r\n"))
	f.Add([]byte("220 a\r\n250-AUTH PLAIN\r\n250-\r\n250 STARTTLS\r\n250 a\r\n250-x\r\n451 y\r\n"))
	f.Add([]byte("220 a\r\n250 SIZE 99999999999999999999\r\n250 a\r\n250 a\r\n250 a\r\n354 a\r\n999 x\r\n"))
	f.Fuzz(func(t *testing.T, replies []byte) {
		ours, theirs := net.Pipe()
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = io.Copy(io.Discard, theirs) })
		wait.Go(func() {
			_, _ = theirs.Write(replies)
			_ = theirs.Close()
		})
		s := sender()
		s.TLS, s.Address, s.User = TLSNone, "127.0.0.1:25", ""
		source, err := open(*s, connectors.Deps{
			Dial: func(context.Context, string, string) (net.Conn, error) { return ours, nil }, TLS: clientTLS(nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		receipt, err := source.Send.Send(ctx, complaint())
		wait.Wait()
		switch reason := connectors.Reason(err); {
		case reason == connectors.ReasonDefect, reason == connectors.ReasonCanceled:
			t.Fatal(err)
		case err == nil && receipt.Outcome == record.OutcomeDone && !bytes.Contains(replies, []byte("354")):
			t.Fatalf("done without 354: %+v", receipt)
		case err == nil && receipt.Outcome != record.OutcomeDone && receipt.Refusal == "":
			t.Fatalf("%+v", receipt)
		}
	})
}

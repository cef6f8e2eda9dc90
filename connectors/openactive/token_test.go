package openactive_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors"
	"github.com/semenligne/sem/connectors/openactive"
	"github.com/semenligne/sem/connectors/record"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := map[string]string{
			"/token":               `{"access_token":"un","token_type":"bearer","expires_in":3600}`,
			"/api/orders/" + uuid1: `{"@type":"Order","@id":"` + orderID(uuid1) + `","orderedItem":{"@id":"i"}}`,
		}
		s := &script{answers: answers}
		var sent []string
		p := &tap{next: s, hook: func(_ string, _ int, req *http.Request) (*http.Response, error) {
			user, pass, basic := req.BasicAuth()
			if basic != (req.URL.Path == "/token") || basic && (user != "sem" || pass != "secret-invent%C3%A9") {
				t.Errorf("%s: basic %v", req.URL.Path, basic)
			}
			if !basic {
				sent = append(sent, req.Header.Get("Authorization"))
			}
			return nil, nil
		}}
		src := p.open(t, func(s *openactive.Settings) {
			s.BookingURL, s.TokenURL = "https://loisirs.exemple.test/api", "https://loisirs.exemple.test/token"
			s.ClientID, s.ClientSecret = "sem", connectors.NewSecret("secret-inventé")
		})
		find := func(reason string) {
			t.Helper()
			_, err := src.Find.Find(soon(t), record.NewRef("orders:"+uuid1))
			if connectors.Reason(err) != reason {
				t.Errorf("%v, want %s", err, reason)
			}
		}
		find("ok")
		find("ok") // the same token
		s.set("/token", `{"access_token":"deux","token_type":"Bearer"}`)
		<-time.After(time.Hour) // virtual time
		find("ok")              // a new one
		s.set("/token", `{"access_token":"trois","token_type":"Bearer"}`)
		order := answers["/api/orders/"+uuid1]
		s.set("/api/orders/"+uuid1, "401")
		find("denied") // no longer taken
		s.set("/api/orders/"+uuid1, order)
		find("ok")
		want := []string{"Bearer un", "Bearer un", "Bearer deux", "Bearer deux", "Bearer trois"}
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Error(diff)
		}
		<-time.After(time.Hour)
		for answer, reason := range map[string]string{
			"400": "denied", "401": "denied", "503": "unavailable", "<html>": "malformed", `{"access_token":"x","token_type":"mac"}`: "malformed",
		} {
			s.set("/token", answer)
			find(reason)
		}
	})
}

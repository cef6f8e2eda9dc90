package openactivesim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semenligne/sem/connectors/openactive/openactivesim"
)

const (
	one   = "1f6e1f3a-0000-4000-8000-00000000000a"
	two   = "1f6e1f3a-0000-4000-8000-00000000000b"
	media = "application/vnd.openactive.booking+json; version=1"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t *testing.T, change func(*openactivesim.Seed)) (*openactivesim.Server, *clock) {
	t.Helper()
	at := time.Date(2027, 1, 12, 18, 30, 0, 0, time.UTC)
	c := &clock{now: at.AddDate(0, 0, -10)}
	seed := openactivesim.Seed{
		Now: c.read, LeaseFor: 10 * time.Minute, PageSize: 2,
		Series: []openactivesim.Series{{ID: "1", Name: "Yoga", Offers: []openactivesim.Offer{{ID: "u", Name: "Unique", Cents: 1250}}}},
		Sessions: []openactivesim.Session{
			{ID: "a", Series: "1", Start: at, End: at.Add(time.Hour), Capacity: 1},
			{ID: "b", Series: "1", Start: at, End: at.Add(time.Hour), Capacity: 1, WaitingList: true},
			{ID: "c", Series: "1", Start: at, End: at.Add(time.Hour), Capacity: 3},
		},
	}
	if change != nil {
		change(&seed)
	}
	sim, err := openactivesim.Start("127.0.0.1:0", seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return sim, c
}

// call makes a call as a broker does and returns the status and the answer.
func call(t *testing.T, sim *openactivesim.Server, method, path, body string) (int, map[string]any) {
	t.Helper()
	if !strings.HasPrefix(path, "http://") {
		path = "http://" + sim.Addr() + path
	}
	req, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Accept", media)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if len(b) > 0 {
		if err := json.Unmarshal(b, &answer); err != nil {
			t.Fatalf("%s %s: %v: %.100s", method, path, err, b)
		}
	}
	return resp.StatusCode, answer
}

// request is a body for one place in a session.
func request(sim *openactivesim.Server, typ, id, more string) string {
	base := "http://" + sim.Addr()
	return fmt.Sprintf(`{"@context":"https://openactive.io/","@type":%q,"brokerRole":"https://openactive.io/NoBroker","seller":%q,`+
		`"orderedItem":[{"@type":"OrderItem","position":0,"orderedItem":%q,"acceptedOffer":%q}]%s}`,
		typ, base+"/seller/1", base+"/series/1/sessions/"+id, base+"/series/1#/offers/u", more)
}

const (
	person = `,"customer":{"@type":"Person","email":"ada@exemple.test"}`
	due    = `,"totalPaymentDue":{"@type":"PriceSpecification","price":12.50,"priceCurrency":"CAD"}`
)

func itemError(answer map[string]any) string {
	item := answer["orderedItem"].([]any)[0].(map[string]any)
	list, _ := item["error"].([]any)
	if len(list) == 0 {
		return ""
	}
	return list[0].(map[string]any)["@type"].(string)
}

func TestLeases(t *testing.T) {
	t.Parallel()
	sim, clock := start(t, nil)
	quote := func(uuid string) (int, string) {
		status, answer := call(t, sim, http.MethodPut, "/booking/order-quotes/"+uuid, request(sim, "OrderQuote", "a", person))
		return status, itemError(answer)
	}
	steps := []struct {
		what   string
		do     func()
		uuid   string
		status int
		typ    string
	}{
		{"the first takes the seat", nil, one, 200, ""},
		{"again, and it still is the first's", nil, one, 200, ""},
		{"the second comes too late", nil, two, 409, "OpportunityCapacityIsReservedByLeaseError"},
		{"the lease is over", func() { clock.move(11 * time.Minute) }, two, 200, ""},
		{"now the first comes too late", nil, one, 409, "OpportunityCapacityIsReservedByLeaseError"},
		{"the second gives it back", func() { call(t, sim, http.MethodDelete, "/booking/order-quotes/"+two, "") }, one, 200, ""},
		{"the first books", func() {
			if status, _ := call(t, sim, http.MethodPut, "/booking/orders/"+one, request(sim, "Order", "a", person+due)); status != 201 {
				t.Errorf("booking: %d", status)
			}
		}, two, 409, "OpportunityIsFullError"},
	}
	for _, step := range steps {
		if step.do != nil {
			step.do()
		}
		if status, typ := quote(step.uuid); status != step.status || typ != step.typ {
			t.Errorf("%s: %d %s", step.what, status, typ)
		}
	}
}

func TestBookingIsIdempotent(t *testing.T) {
	t.Parallel()
	sim, _ := start(t, nil)
	body := request(sim, "Order", "c", person+due)
	for n, want := range []int{201, 200} {
		if status, answer := call(t, sim, http.MethodPut, "/booking/orders/"+one, body); status != want || answer["@type"] != "Order" {
			t.Errorf("time %d: %d %v", n, status, answer)
		}
	}
	status, answer := call(t, sim, http.MethodPut, "/booking/orders/"+one, request(sim, "Order", "a", person+due))
	if status != 500 || answer["@type"] != "OrderAlreadyExistsError" {
		t.Errorf("other content: %d %v", status, answer)
	}
	if sim.Orders() != 1 || sim.SeatsTaken("c") != 1 || sim.SeatsTaken("a") != 0 || sim.Changes() != 1 {
		t.Errorf("%d orders, %d changes", sim.Orders(), sim.Changes())
	}
}

func TestWaitingListMovesUp(t *testing.T) {
	t.Parallel()
	sim, _ := start(t, nil)
	for _, uuid := range []string{one, two} {
		if status, _ := call(t, sim, http.MethodPut, "/booking/orders/"+uuid, request(sim, "Order", "b", person+due)); status != 201 {
			t.Fatalf("booking: %d", status)
		}
	}
	state := func(uuid string) (string, any) {
		_, answer := call(t, sim, http.MethodGet, "/booking/orders/"+uuid, "")
		item := answer["orderedItem"].([]any)[0].(map[string]any)
		return item["orderItemStatus"].(string), item["ville:waitingListPosition"]
	}
	if status, rank := state(two); !strings.HasSuffix(status, "OrderItemWaiting") || rank != 1.0 {
		t.Errorf("%s, %v", status, rank)
	}
	cancel := `{"@context":"https://openactive.io/","@type":"Order","orderedItem":[{"@type":"OrderItem","@id":"http://` + sim.Addr() + `/booking/orders/` + one +
		`#/orderedItem/1","orderItemStatus":"https://openactive.io/CustomerCancelled"}]}`
	if status, _ := call(t, sim, http.MethodPatch, "/booking/orders/"+one, cancel); status != 204 {
		t.Fatalf("cancel: %d", status)
	}
	if status, rank := state(two); status != "https://openactive.io/OrderItemConfirmed" || rank != nil || sim.SeatsTaken("b") != 1 {
		t.Errorf("%s, %v, %d seats", status, rank, sim.SeatsTaken("b"))
	}
}

func TestStrictness(t *testing.T) {
	t.Parallel()
	sim, _ := start(t, nil)
	good := request(sim, "Order", "c", person+due)
	tests := map[string]struct {
		path, body string
		status     int
		typ        string
	}{
		"null":                   {"", strings.Replace(good, `"position":0`, `"position":0,"attendee":null`, 1), 400, "OpenBookingError"},
		"empty text":             {"", strings.Replace(good, `"position":0`, `"position":0,"note":""`, 1), 400, "OpenBookingError"},
		"empty list":             {"", strings.Replace(good, `"position":0`, `"position":0,"note":[]`, 1), 400, "OpenBookingError"},
		"no position":            {"", strings.Replace(good, `"position":0,`, ``, 1), 400, "IncompleteOrderItemError"},
		"no customer":            {"", request(sim, "Order", "c", due), 400, "IncompleteCustomerDetailsError"},
		"another total":          {"", strings.Replace(good, "12.50", "12.49", 1), 400, "TotalPaymentDueMismatchError"},
		"no total":               {"", request(sim, "Order", "c", person), 400, "TotalPaymentDueMismatchError"},
		"a quote":                {"", request(sim, "OrderQuote", "c", person+due), 400, "OpenBookingError"},
		"a broker for NoBroker":  {"", strings.Replace(good, `"seller"`, `"broker":{"@type":"Organization"},"seller"`, 1), 400, "OpenBookingError"},
		"no broker for an agent": {"", strings.Replace(good, "NoBroker", "AgentBroker", 1), 400, "IncompleteBrokerDetailsError"},
		"another seller":         {"", strings.Replace(good, "/seller/1", "/seller/2", 1), 404, "SellerNotFoundError"},
		"no UUID":                {"/booking/orders/12", good, 400, "IncompleteOrderItemError"},
		"unknown session":        {"", request(sim, "Order", "z", person+due), 409, "UnableToProcessOrderItemError"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := test.path
			if path == "" {
				path = "/booking/orders/" + one
			}
			status, answer := call(t, sim, http.MethodPut, path, test.body)
			if status != test.status || answer["@type"] != test.typ {
				t.Errorf("%d %v", status, answer)
			}
		})
	}
	if sim.Orders() != 0 {
		t.Error("something was booked")
	}
}

// The feed read from its beginning holds everything once, in the order of
// change, and ends with an empty page that is its own next.
func TestFeedPages(t *testing.T) {
	t.Parallel()
	sim, _ := start(t, nil)
	if err := sim.Update("a", func(e *openactivesim.Event) { e.Capacity = 9 }); err != nil {
		t.Fatal(err)
	}
	if err := sim.Delete("b"); err != nil {
		t.Fatal(err)
	}
	var got []string
	at := "http://" + sim.Addr() + "/rpde/sessions"
	for {
		status, p := call(t, sim, http.MethodGet, at, "")
		if status != 200 {
			t.Fatal(status)
		}
		items := p["items"].([]any)
		if len(items) > 2 {
			t.Errorf("%d items on a page of two", len(items))
		}
		for _, v := range items {
			i := v.(map[string]any)
			got = append(got, fmt.Sprint(i["id"], " ", i["state"], " ", i["data"] != nil))
		}
		next := p["next"].(string)
		if len(items) == 0 {
			if next != at {
				t.Errorf("the end: next %s of %s", next, at)
			}
			break
		}
		at = next
	}
	if diff := cmp.Diff([]string{"c updated true", "a updated true", "b deleted false"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeedMistakesAreTold(t *testing.T) {
	t.Parallel()
	for name, seed := range map[string]openactivesim.Seed{
		"no series":  {Sessions: []openactivesim.Session{{ID: "a", Series: "1"}}},
		"no session": {Orders: []openactivesim.Order{{UUID: one, Items: []openactivesim.Item{{Session: "a"}}}}},
	} {
		if sim, err := openactivesim.Start("127.0.0.1:0", seed); err == nil {
			t.Errorf("%s: started", name)
			_ = sim.Close()
		}
	}
}

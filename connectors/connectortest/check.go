package connectortest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/semenligne/sem/connectors"
)

// rule is one promise of the contract and how it is tried. check returns what
// was seen of each breach.
type rule struct {
	name, reason string
	// applies is nil for a rule that holds for every source.
	applies func(*Suite, connectors.Source) bool
	check   func(context.Context, *run) []string
}

// rules lists every rule, in the order of a source's life. The last ones look
// at what the others heard.
func rules() []rule {
	return slices.Concat(configRules(), docRules(), lifeRules(), checkRules(), findRules(), listRules(),
		authenticateRules(), faultRules(), doRules(), learnRules(), sendRules())
}

// run is one Check under way.
type run struct {
	suite *Suite
	heard *heard
	odd   *heard        // errors that are not one of the bounded reasons
	slots chan struct{} // bounds how many sources are open at once
}

const atOnce = 8

// Check holds a connector to every rule and returns the breaches, in the order
// of the rules. It returns within about 20 s of a sane connector and needs no
// *testing.T. Its context ends it early.
func Check(ctx context.Context, s Suite) []Violation {
	violations, _ := check(ctx, s)
	return violations
}

// check also returns the names of the rules that were tried.
func check(ctx context.Context, s Suite) (out []Violation, tried []string) {
	r := &run{suite: &s, heard: &heard{}, odd: &heard{}, slots: make(chan struct{}, atOnce)}
	if missing := r.complete(); len(missing) > 0 {
		return violations(suiteRule(), missing), []string{suiteRule().name}
	}
	source, err := r.capabilities()
	if err != nil {
		return violations(suiteRule(), []string{err.Error()}), []string{suiteRule().name}
	}
	var todo []rule
	for _, rule := range rules() {
		if _, waived := s.Waive[rule.name]; !waived && (rule.applies == nil || rule.applies(&s, source)) {
			todo = append(todo, rule)
		}
	}
	seen := make([][]string, len(todo))
	var all sync.WaitGroup
	for i, rule := range todo {
		all.Go(func() { seen[i] = rule.check(ctx, r) })
	}
	all.Wait()
	for _, rule := range heardRules() {
		if _, waived := s.Waive[rule.name]; !waived {
			todo, seen = append(todo, rule), append(seen, rule.check(ctx, r))
		}
	}
	for i, rule := range todo {
		tried = append(tried, rule.name)
		out = append(out, violations(rule, seen[i])...)
	}
	return out, tried
}

// suiteRule is broken by the suite itself, not by the connector.
func suiteRule() rule {
	return rule{name: "suite", reason: "a rule that cannot be tried proves nothing"}
}

func violations(r rule, evidence []string) []Violation {
	var out []Violation
	for _, e := range evidence {
		out = append(out, Violation{r.name, r.reason, e})
	}
	return out
}

// complete returns what the suite lacks whatever the source can do.
func (r *run) complete() []string {
	s := r.suite
	var missing []string
	want := func(ok bool, text string) {
		if !ok {
			missing = append(missing, text)
		}
	}
	want(s.Kind.Open != nil && s.Kind.Settings != nil && s.Kind.Name != "", "Kind is not set")
	want(s.Settings != nil, "Settings is not set")
	want(len(s.Secrets)+len(s.Persons) > 0, "no Secrets or Persons to look for")
	for _, v := range slices.Concat(s.Secrets, s.Persons) {
		want(len(v) >= 4, "a value of Secrets or Persons is shorter than four characters: it would be found by chance")
	}
	known := map[string]bool{}
	for _, rule := range slices.Concat(rules(), heardRules()) {
		known[rule.name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.Waive)) {
		want(known[name], "Waive names no rule: "+name)
		want(s.Waive[name] != "", "Waive gives no reason: "+name)
	}
	return missing
}

// lacking returns what the suite lacks for what the source can do.
func lacking(s *Suite, source connectors.Source) []string {
	var missing []string
	want := func(needed, ok bool, text string) {
		if needed && !ok {
			missing = append(missing, text)
		}
	}
	want(true, source.Check != nil, "the source has no Check")
	want(source.Find != nil, !s.Known.IsZero() && !s.Unknown.IsZero() && s.FindGolden != "", "the source has Find: set Known, Unknown and FindGolden")
	want(source.List != nil, s.ListGolden != "", "the source has List: set ListGolden")
	want(source.Authenticate != nil, s.Card != "" && s.PIN != "" && s.WrongPIN != "" && s.UnknownCard != "" && !s.Authenticated.IsZero(),
		"the source has Authenticate: set Card, PIN, WrongPIN, UnknownCard and Authenticated")
	want(source.Do != nil, len(s.Acts) > 0 && s.Start != nil, "the source has Do: set Acts and Start")
	want(source.Learn != nil, source.Do != nil, "the source has Learn and not Do: there is nothing to learn about")
	want(source.Send != nil, len(s.Message.To) > 0 && len(s.RefusedMessage.To) > 0 && s.MessageMatch != "" && s.Start != nil,
		"the source has Send: set Message, RefusedMessage, MessageMatch and Start")
	for _, a := range s.Acts {
		want(true, a.Match != "" && a.Action != nil, "an Act has no Action or no Match")
	}
	return missing
}

// RuleNames lists every rule, for documents and waivers.
func RuleNames() []string {
	var names []string
	for _, rule := range slices.Concat(rules(), heardRules()) {
		names = append(names, rule.name)
	}
	return names
}

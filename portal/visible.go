package portal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/semenligne/sem/cache"
	"github.com/semenligne/sem/connectors/record"
	"github.com/semenligne/sem/dossier"
)

// person is somebody whose sections a page may show: the citizen whose page it
// is, or somebody who lets that citizen see them.
type person struct {
	citizen record.Citizen
	// handle names the person in the addresses and forms of this citizen's pages
	// and nowhere else; it opens nothing by itself. It is "moi" for the citizen.
	handle string
	name   string
	// sees are the datasets that may be shown, and dashboard has the sections of
	// those and no other. The citizen's own has every section.
	sees      []dossier.Dataset
	dashboard cache.Dashboard
	old       bool // some section of somebody else is not fresh
}

// may tells whether a dataset of the person may be shown.
func (x person) may(dataset dossier.Dataset) bool { return slices.Contains(x.sees, dataset) }

// myself is the handle of the citizen whose page it is.
const myself = "moi"

// dataset is the part of a person's data that a domain belongs to; a domain
// without one is never shown to anybody else.
func (d Domain) dataset() (dossier.Dataset, bool) {
	switch d {
	case Library:
		return dossier.Loans, true
	case Recreation:
		return dossier.Schedule, true
	case Requests:
		return dossier.Requests, true
	default:
	}
	return "", false
}

// family is everybody of whom a subject may see something now.
type family struct {
	people []person // the subject first
	// until is when some permission ends by itself; zero is never.
	until time.Time
}

// family returns the subject, and the members of whom the subject may see at
// least one of the datasets now, each with those sections only. There is no
// other way to another person's sections. It asks the dossier each time, so
// that what was withdrawn is gone with the next page.
func (p *Portal) family(ctx context.Context, subject record.Citizen, datasets ...dossier.Dataset) (family, error) {
	household, err := p.opt.Dossier.Household(ctx, subject)
	if err != nil {
		return family{}, err
	}
	profile, err := p.opt.Dossier.Profile(ctx, subject)
	if errors.Is(err, dossier.ErrNotFound) {
		return family{}, errNotFound
	} else if err != nil {
		return family{}, err
	}
	own, err := p.opt.Cache.Dashboard(ctx, subject)
	if err != nil {
		return family{}, err
	}
	now := p.opt.Now()
	f := family{
		people: []person{{citizen: subject, handle: myself, name: profile.Name, sees: datasets, dashboard: own}},
		until:  household.NextChange(now, p.opt.Town.Zone),
	}
	for _, m := range household.Members {
		x := person{citizen: m.Citizen, handle: p.handle(subject, m.Citizen), name: m.Name}
		for _, dataset := range datasets {
			if dossier.Authorize(subject, m.Citizen, dataset, household, now, p.opt.Town.Zone).Allowed {
				x.sees = append(x.sees, dataset)
			}
		}
		if len(x.sees) == 0 {
			continue
		}
		if x.dashboard, x.old, err = p.sectionsOf(ctx, x, now); err != nil {
			return family{}, err
		}
		f.people = append(f.people, x)
	}
	return f, nil
}

// sectionsOf reads those sections of somebody else that may be shown, and tells
// whether one of them is not fresh.
func (p *Portal) sectionsOf(ctx context.Context, x person, now time.Time) (shown cache.Dashboard, old bool, err error) {
	all, err := p.opt.Cache.Dashboard(ctx, x.citizen)
	if err != nil {
		return cache.Dashboard{}, false, err
	}
	var sections []cache.Section
	for _, source := range p.opt.Sources {
		if dataset, shared := source.Domain.dataset(); shared && x.may(dataset) {
			s := all.Section(source.Name)
			sections = append(sections, s)
			old = old || s.At(now).State != cache.Fresh
		}
	}
	return cache.NewDashboard(all.Version, sections), old, nil
}

// refresh asks for fresher sections of the others, without waiting: for a page
// that somebody looks at.
func (p *Portal) refresh(f family) {
	for _, x := range f.people {
		if x.old && p.opt.Toucher != nil {
			p.opt.Toucher.Touch(x.citizen)
		}
	}
}

// choose narrows a family to one person, by handle; "" is everybody.
func (f family) choose(handle string) ([]person, error) {
	if handle == "" {
		return f.people, nil
	}
	for i, x := range f.people {
		if x.handle == handle {
			return f.people[i : i+1], nil
		}
	}
	return nil, errNotFound
}

// version is another text whenever something of the others may look different,
// and "" without others.
func (f family) version() string {
	if len(f.people) < 2 {
		return ""
	}
	h := fnv.New64a()
	for _, x := range f.people[1:] {
		fmt.Fprintln(h, x.citizen, x.name, x.sees, x.old, x.dashboard.Version)
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// handle is how a subject's pages name another person.
func (p *Portal) handle(subject, who record.Citizen) string {
	mac := hmac.New(sha256.New, p.opt.Pepper)
	fmt.Fprintf(mac, "handle\x00%s\x00%s", subject, who)
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

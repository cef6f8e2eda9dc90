package portal

import (
	"context"
	"net/http"
	"slices"

	"github.com/semenligne/sem/dossier"
	"github.com/semenligne/sem/portal/views"
)

const relativesPath = householdPath + "/dossier-familial"

// What a relative's button does: put them into the citizen's dossier, or the
// citizen into theirs.
const (
	relativeAdd  = "ajouter"
	relativeJoin = "joindre"
)

// familyFiles are the sources whose accounts are families'.
func (p *Portal) familyFiles() []string {
	var files []string
	for _, s := range p.opt.Sources {
		if s.Domain == Recreation {
			files = append(files, s.Name)
		}
	}
	return files
}

// relatives are who is in the citizen's family file. A child is told nobody: a
// parent may hold the child's card, and must not learn of the other by it.
func (p *Portal) relatives(ctx context.Context, s *session) ([]dossier.Relative, error) {
	if !s.profile.Born.DecidesAlone(p.opt.Now(), p.opt.Town.Zone) {
		return nil, nil
	}
	return p.opt.Dossier.Relatives(ctx, s.citizen, p.familyFiles())
}

// relativesView offers those of the family file who may be added or joined, and
// says of the others why not; nil where no system has family files, or for a
// child.
func (p *Portal) relativesView(ctx context.Context, b builder, s *session, h dossier.Household) (*views.Relatives, error) {
	if len(p.familyFiles()) == 0 || !s.profile.Born.DecidesAlone(b.now, b.zone) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	all, err := p.relatives(ctx, s)
	if err != nil {
		return nil, err
	}
	holders, err := p.opt.Dossier.Holders(ctx, s.citizen)
	if err != nil {
		return nil, err
	}
	v := &views.Relatives{Action: relativesPath}
	for _, x := range all {
		in := slices.ContainsFunc(h.Members, func(m dossier.Member) bool { return m.Citizen == x.Citizen })
		joined := slices.ContainsFunc(holders, func(o dossier.Holder) bool { return o.Citizen == x.Citizen })
		row := b.relative(x, s.profile.Born.Age(b.now, b.zone) == dossier.AgeAdult, in, joined)
		row.Handle = p.handle(s.citizen, x.Citizen)
		v.People = append(v.People, row)
	}
	if len(v.People) == 0 {
		v.None = b.w.T("household.relatives.none")
	}
	return v, nil
}

// relative words one person of the family file, for an adult or a teenager, and
// offers what is not done yet.
func (b builder) relative(x dossier.Relative, adult, in, joined bool) views.Relative {
	v := views.Relative{Name: x.Name}
	child := x.Born.Age(b.now, b.zone) == dossier.AgeChild
	switch {
	case in:
		v.Texts = append(v.Texts, b.w.T("household.relatives.in", "name", x.Name))
	case child && adult:
		v.Texts = append(v.Texts, b.w.T("household.relatives.child", "name", x.Name))
		v.Do, v.Button = relativeAdd, b.w.T("household.relatives.add", "name", x.Name)
	case child:
		v.Texts = append(v.Texts, b.w.T("household.relatives.adults", "name", x.Name))
	default:
		v.Texts = append(v.Texts, b.w.T("household.relatives.decides", "name", x.Name))
	}
	switch {
	case child:
	case joined:
		v.Texts = append(v.Texts, b.w.T("household.relatives.joined", "name", x.Name))
	default:
		v.Texts = append(v.Texts, b.w.T("household.relatives.joining", "name", x.Name))
		v.Do, v.Button = relativeJoin, b.w.T("household.relatives.join", "name", x.Name)
	}
	return v
}

// addRelative puts somebody of the family file into the citizen's dossier, or
// the citizen into theirs. The dossier decides whether that may be; whoever is
// not in the file is not there.
func (p *Portal) addRelative(w http.ResponseWriter, r *http.Request) error {
	s, err := p.change(w, r)
	if err != nil {
		return err
	}
	all, err := p.relatives(r.Context(), s)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x dossier.Relative) bool {
		return p.handle(s.citizen, x.Citizen) == r.PostForm.Get("personne")
	})
	if i < 0 {
		return errNotFound
	}
	j := dossier.Joining{By: s.citizen, File: all[i].File, At: p.opt.Now()}
	done := "added"
	switch r.PostForm.Get("sens") {
	case relativeAdd:
		j.Holder, j.Member = s.citizen, all[i].Citizen
	case relativeJoin:
		j.Holder, j.Member, done = all[i].Citizen, s.citizen, "joined"
	default:
		return errNotFound
	}
	if err := p.opt.Dossier.Join(r.Context(), j); err != nil {
		return notThere(err)
	}
	return p.changed(w, r, done, j.Holder, j.Member)
}

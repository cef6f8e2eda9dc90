package portal

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/semenligne/sem/portal/locale"
	"github.com/semenligne/sem/portal/views"
)

const displayPath = "/affichage"

// choices is the page of how pages are shown, with and without a session.
func (p *Portal) choices(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessions.look(r)
	if err != nil && !errors.Is(err, errSignedOut) {
		return err
	}
	if s == nil {
		return p.render(w, r, http.StatusOK, views.DisplayChoices(p.choicesPage(p.page(p.preferencesOf(r), displayPath), p.preferencesOf(r))))
	}
	return p.personal(w, r, displayPath, func(s snapshot) (*finished, error) {
		page := p.choicesPage(p.signedIn(p.page(s.prefs, displayPath)), s.prefs)
		page.Live = false // nothing here changes by itself
		return finish(r.Context(), views.DisplayChoices(page), htmlType)
	})
}

func (p *Portal) choicesPage(page views.Page, prefs preferences) views.ChoicesPage {
	page.Title = page.W.T("choices.title")
	return views.ChoicesPage{
		Page: page, Kept: page.W.T(pick(page.SignedIn, "choices.kept", "choices.kept.here")), Groups: p.choiceGroups(prefs, page.SignedIn),
	}
}

// choiceGroups are the switches. Whether others use the computer is asked where
// somebody signs in, and can be set here before.
func (p *Portal) choiceGroups(prefs preferences, signedIn bool) []views.ChoiceGroup {
	w := p.words[prefs.lang]
	var list []views.ChoiceGroup
	if p.opt.Town.English {
		list = append(list, views.ChoiceGroup{Title: w.T("choices.language"), Field: "langue", Options: []views.Choice{
			{Value: locale.French, Text: "Français", Lang: "fr-CA", Chosen: prefs.lang == locale.French},
			{Value: locale.English, Text: "English", Lang: "en-CA", Chosen: prefs.lang == locale.English},
		}})
	}
	sizes := views.ChoiceGroup{Title: w.T("display.size"), Hint: w.T("choices.size.hint"), Field: "taille"}
	for _, size := range []int{100, 125, 150, 200} {
		n := strconv.Itoa(size)
		sizes.Options = append(sizes.Options, views.Choice{Value: n, Text: w.T("percent", "n", n), Chosen: prefs.textSize == size})
	}
	list = append(list, sizes,
		two(w, "display.contrast", "", "contraste", "plus", "normal", prefs.contrast, "display.contrast.more", "display.contrast.normal"),
		two(w, "choices.font", "choices.font.hint", "police", "dyslexie", "usuelle", prefs.font, "choices.font.dyslexia", "choices.font.usual"),
		two(w, "choices.data", "choices.data.hint", "donnees", "reduites", "completes", prefs.reduced, "choices.data.reduced", "choices.data.full"))
	if !signedIn {
		list = append(list, two(w, "choices.computer", "choices.computer.hint", "ordinateur", "partage", "personnel", prefs.shared, "choices.computer.shared", "choices.computer.own"))
	}
	return list
}

// two is a switch between the usual and something else.
func two(w *locale.Words, title, hint, field, on, off string, chosen bool, onText, offText string) views.ChoiceGroup {
	g := views.ChoiceGroup{Title: w.T(title), Field: field, Options: []views.Choice{
		{Value: off, Text: w.T(offText), Chosen: !chosen}, {Value: on, Text: w.T(onText), Chosen: chosen},
	}}
	if hint != "" {
		g.Hint = w.T(hint)
	}
	return g
}

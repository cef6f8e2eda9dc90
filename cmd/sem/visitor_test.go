package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// visitor is somebody signed in, whose browser knows no JavaScript: it reads
// pages, fills forms in and sends them.
type visitor struct {
	t      *testing.T
	portal string
	client *http.Client
}

// seen is a page that a visitor came to.
type seen struct {
	status int
	path   string // with the query
	doc    *goquery.Document
}

func (c calmHouse) visit(t *testing.T, role string) visitor {
	t.Helper()
	return visitor{t, c.Portal, c.signIn(t, role)}
}

func (v visitor) read(resp *http.Response, err error) seen {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return seen{resp.StatusCode, resp.Request.URL.RequestURI(), doc}
}

func (v visitor) get(path string) seen {
	v.t.Helper()
	return v.read(v.client.Get(v.portal + path))
}

// form reads the fields of the first form that a selector finds, as a browser
// would send them, and where it sends them; pairs are filled in.
func (v visitor) form(page seen, selector string, pairs ...string) (action string, values url.Values) {
	v.t.Helper()
	form := page.doc.Find(selector).First()
	if form.Length() == 0 {
		v.t.Fatalf("%s has no %s:\n%s", page.path, selector, page.text("main"))
	}
	values = url.Values{}
	for _, e := range form.Find("input[type=hidden], input[type=text], input[type=email], input:not([type]), input[checked], textarea").EachIter() {
		values.Add(e.AttrOr("name", ""), e.AttrOr("value", e.Text()))
	}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return form.AttrOr("action", page.path), values
}

// send fills a form in and sends it.
func (v visitor) send(page seen, selector string, pairs ...string) seen {
	v.t.Helper()
	return v.post(v.form(page, selector, pairs...))
}

func (v visitor) post(action string, values url.Values) seen {
	v.t.Helper()
	return v.read(v.client.PostForm(v.portal+action, values))
}

// text is what a part of the page says.
func (s seen) text(selector string) string {
	return strings.Join(strings.Fields(s.doc.Find(selector).Text()), " ")
}

// says holds a page to its status and to some of its words.
func (v visitor) says(what string, page seen, status int, words ...string) {
	v.t.Helper()
	text := page.text("main")
	if page.status != status || slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
		v.t.Errorf("%s: status %d at %s, want %d and %q:\n%s", what, page.status, page.path, status, words, text)
	}
}

// write sends a letter to the town, with what pairs say otherwise.
func (v visitor) write(pairs ...string) seen {
	v.t.Helper()
	pairs = append([]string{"sujet", "streets", "texte", "Merci pour la nouvelle patinoire.", "nom", "Maude", "courriel", "maude@exemple.test"}, pairs...)
	return v.send(v.get("/ecrire"), "main form", pairs...)
}

// booking leads to the page that asks to confirm a registration of the visitor.
func (v visitor) booking(words, name string) (confirm seen, offered string) {
	v.t.Helper()
	link := v.get("/loisirs/activites?q=" + url.QueryEscape(words)).doc.Find("main a[href^='/loisirs/activites/']").FilterFunction(func(_ int, e *goquery.Selection) bool {
		return strings.Contains(e.Text(), name)
	})
	offered = link.AttrOr("href", "")
	page := v.get(offered)
	offer := page.doc.Find("input[name=tarif]").AttrOr("value", "")
	return v.send(page, "form:has(input[name=qui])", "qui", "moi", "tarif", offer, "courriel", "maude@exemple.test"), offered
}

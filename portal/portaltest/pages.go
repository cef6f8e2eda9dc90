package portaltest

// Where the family's own things and some of the town's are.
const (
	// RequestKey is the family's open request.
	RequestKey = "e94a7e85e785a865"
	// ServiceKey is the form of the service with every kind of question.
	ServiceKey = "f59c6dccd798f0ad"
	// CircusKey is a course that is full, YogaKey one that has places, and FreeKey
	// a session that costs nothing.
	CircusKey = "5dfd2ad251"
	YogaKey   = "fe397ef87b"
	FreeKey   = "7a23866aa9"
)

// Pages has every page that the family can see, as somebody who follows links
// would. The browser, the checker of HTML, the text browser, the screenshots
// and the bench all walk them: a new page belongs here and nowhere else.
func Pages() []string {
	return []string{
		"/", "/bibliotheque", "/loisirs", "/propriete", "/quartier", "/quartier?rayon=1000", "/requetes", "/requetes/" + RequestKey,
		"/semaine", "/semaine/2026-11-08", "/collectes", "/collectes/annee", "/collectes/annee/2027",
		"/loisirs/activites", "/loisirs/activites?age=vieux&q=introuvable",
		"/famille", "/affichage", "/calendriers",
		"/bibliotheque/reserver", "/requetes/signaler", "/requetes/signaler?q=trou", "/requetes/signaler/" + ServiceKey, "/ecrire",
		"/loisirs/activites/" + CircusKey, "/loisirs/activites/" + FreeKey, "/loisirs/activites/" + YogaKey, "/demarches", "/demarches/" + SentID, "/loisirs/file/" + TicketID,
	}
}

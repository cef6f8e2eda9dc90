package assessmentroll

import "maps"

// streetTypes returns the words of the street type codes (RL0101Ex). The
// official list is not verified, and sources differ on RG, CO, RA and CT: a
// town overrides what is wrong for it.
func streetTypes(overrides map[string]string) map[string]string {
	return merged(map[string]string{
		"AL": "allée", "AR": "ancienne route", "AT": "autoroute", "AV": "avenue", "BO": "boulevard", "CA": "carré", "CE": "cercle",
		"CH": "chemin", "CL": "circle", "CO": "cours", "CR": "croissant", "CS": "concession", "CT": "côte", "DE": "desserte",
		"DO": "domaine", "DR": "drive", "DS": "descente", "EC": "échangeur", "EP": "esplanade", "GA": "garden", "IM": "impasse",
		"JA": "jardin", "KO": "court", "KR": "crescent", "LC": "lac", "LN": "lane", "MO": "montée", "PL": "place", "PR": "promenade",
		"PS": "plateau", "PU": "plateau", "RA": "rang", "RD": "road", "RG": "ridge", "RL": "ruelle", "RO": "route", "RU": "rue",
		"SN": "sentier", "SQ": "square", "ST": "street", "TA": "terrace", "TC": "trait-carré", "TE": "terrasse", "TL": "trail",
		"TV": "traverse", "VO": "voie",
	}, overrides)
}

// streetLinks returns the words of the link codes (RL0101Fx).
func streetLinks(overrides map[string]string) map[string]string {
	return merged(map[string]string{
		"A": "à", "B": "à l'", "C": "à la", "D": "au", "E": "aux", "F": "chez", "H": "d'", "J": "de l'", "K": "de l'", "L": "de la",
		"M": "des", "N": "du", "O": "en", "P": "l'", "Q": "la", "R": "le", "S": "les", "T": "sur",
	}, overrides)
}

// cardinals returns the words of the cardinal points (RL0101Hx).
func cardinals() map[string]string {
	return map[string]string{
		"N": "Nord", "S": "Sud", "E": "Est", "O": "Ouest", "W": "Ouest",
		"NE": "Nord-Est", "NO": "Nord-Ouest", "SE": "Sud-Est", "SO": "Sud-Ouest",
	}
}

// uses returns the names of common predominant uses (RL0105A, CUBF).
func uses(overrides map[string]string) map[string]string {
	return merged(map[string]string{
		"1000": "Logement",
		"1100": "Chalet ou maison de villégiature",
		"1211": "Maison mobile",
		"4621": "Terrain de stationnement pour automobiles",
		"5010": "Immeuble commercial",
		"6000": "Immeuble à bureaux",
		"6799": "Autres services gouvernementaux",
		"6911": "Église, synagogue, mosquée et temple",
		"7610": "Parc pour la récréation en général",
		"9100": "Espace de terrain non aménagé et non exploité",
	}, overrides)
}

// physicalLinks returns the words for RL0309A, as record.Building has them.
func physicalLinks() map[string]string {
	return map[string]string{
		"1": "detached", "2": "semi_detached", "3": "row_end", "4": "row", "5": "integrated",
	}
}

// genres returns the words for RL0310A, as record.Building has them.
func genres() map[string]string {
	return map[string]string{
		"1": "single_storey", "2": "split_level", "3": "mobile", "4": "mansard", "5": "full_storeys",
	}
}

func merged(table, overrides map[string]string) map[string]string {
	maps.Copy(table, overrides)
	return table
}

// word returns what a code means, and an unknown code as it is.
func word(table map[string]string, code string) string {
	if code == "" {
		return ""
	}
	if w, ok := table[code]; ok {
		return w
	}
	return code
}

package town

func givenNames() []string {
	return []string{
		"Adèle", "Agathe", "Alexis", "Amélie", "Anaïs", "Antoine", "Aurèle", "Béatrice", "Benoît", "Camille", "Cédric", "Chloé",
		"Clémence", "Damien", "Édouard", "Élise", "Émile", "Fatou", "Félix", "Florence", "François", "Gaël", "Hélène", "Ibrahim",
		"Inès", "Jérôme", "Joëlle", "Justin", "Karim", "Laurence", "Léa", "Léonie", "Loïc", "Maëlle", "Malik", "Marguerite",
		"Maxime", "Mégane", "Noémie", "Océane", "Olivier", "Ophélie", "Pénélope", "Raphaël", "Renée", "Sacha", "Solène", "Thérèse",
		"Timéo", "Ulysse", "Victoire", "William", "Yasmine", "Zacharie", "Zoé",
	}
}

func lastNames() []string {
	return []string{
		"Arsenault-Bê", "Baribeau", "Bélair-Côté", "Bénard", "Brisebois", "Chénier", "Cloutier-Haché", "Desjardins-Roy", "Dubé-Lévis",
		"Fréchette", "Gélinas", "Giroux-Noël", "Hébert-Mâle", "Jolicœur", "Kouamé", "Labrèche", "Lacaille", "Lefrançois", "Légaré",
		"L'Écuyer", "Maltais", "Ménard-Öz", "Nadeau-Pham", "Ouimet", "Pâquet", "Quévillon", "Rhéaume", "Sénéchal", "Thériault-Diop",
		"Trépanier", "Vézina", "Yelle",
	}
}

func titleStarts() []string {
	return []string{
		"L'hiver à", "Les chemins de", "La maison de", "Un été à", "Le dernier train pour", "Recettes de", "Petite histoire de",
		"Le secret de", "Guide des oiseaux de", "Contes de", "L'atlas de", "La nuit de", "Le jardin de", "Retour à", "Lettres de",
	}
}

func titleEnds() []string {
	return []string{
		"la Grande Écluse", "Baie-aux-Hérons", "l'île Brûlée", "Sainte-Églantine", "la Côte-à-Noël", "Cap-Français-d'en-Haut", "la rivière Têtue",
		"Mont-Cœur", "l'Anse-à-Zoé", "grand-mère Fernande", "monsieur Pâquerette", "la forêt d'Aubépine", "la gare oubliée", "Trois-Lièvres",
	}
}

type street struct{ kind, link, name string }

// streets are invented, in the codes and capitals of the roll.
func streets() []street {
	return []street{
		{"RU", "M", "ERABLES-ARGENTES"},
		{"RU", "L", "PETITE-ECLUSE"},
		{"AV", "N", "HERON-BLEU"},
		{"RU", "", "ADELE-FORTIER"},
		{"BO", "L", "POINTE-AUX-BOULEAUX"},
		{"CH", "D", "VIEUX-QUAI"},
		{"PL", "M", "GEAIS"},
		{"RU", "N", "MOULIN-ROUX"},
		{"MO", "M", "SOURCES-CACHEES"},
		{"RU", "H", "AUBEPINE"},
		{"", "", "3E AVENUE"},
		{"CR", "M", "TROIS-LIEVRES"},
	}
}

// StreetNames are the streets as the town writes them; the roll has capitals
// without accents.
func StreetNames() []string {
	return []string{
		"rue des Érables-Argentés", "rue de la Petite-Écluse", "avenue du Héron-Bleu", "rue Adèle-Fortier", "boulevard de la Pointe-aux-Bouleaux",
		"chemin du Vieux-Quai", "place des Geais", "rue du Moulin-Roux", "montée des Sources-Cachées", "rue d'Aubépine", "3e Avenue", "croissant des Trois-Lièvres",
	}
}

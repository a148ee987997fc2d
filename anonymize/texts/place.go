package texts

import (
	"strconv"
	"strings"
)

// Place is where a number is at home: "San Francisco", "CA", "94103", "US".
type Place struct {
	City, State, Zip, Country string
	// StateName and CountryName are in full: "California", "United States".
	StateName, CountryName string
	// Network is a mobile country code of three digits and a network code of three; always the same.
	Network string
}

// Place returns a place for a number of the North American area code ("415"): the largest city there, its state or province, and one of
// a few postcodes. An area code that no state has, as "" is, gets any place.
func (g *Generator) Place(seed [2]uint64, areaCode string) Place {
	g.seed(seed)
	r := g.areas[areaCode]
	if r == nil {
		r = g.areas[g.pick(g.areaCodes)]
	}
	p := Place{City: r.city, State: r.state, StateName: r.name, Zip: g.pick(r.zips), Country: r.country, CountryName: "United States", Network: networkCode}
	if r.country == "CA" {
		p.CountryName = "Canada"
	}
	return p
}

// Name returns a person's first and last name.
func (g *Generator) Name(seed [2]uint64) string {
	g.seed(seed)
	return g.faker.FirstName() + " " + g.faker.LastName()
}

// LastName returns a person's last name, of the person that Name and FirstName name by the same seed.
func (g *Generator) LastName(seed [2]uint64) string {
	g.seed(seed)
	_ = g.faker.FirstName()
	return g.faker.LastName()
}

// FirstName returns a person's first name.
func (g *Generator) FirstName(seed [2]uint64) string {
	g.seed(seed)
	return g.faker.FirstName()
}

// Carrier returns the name of a mobile network.
func (g *Generator) Carrier(seed [2]uint64) string {
	g.seed(seed)
	return g.pick(g.carriers)
}

// Word returns a word such as a link's path is made of.
func (g *Generator) Word(seed [2]uint64) string {
	g.seed(seed)
	return g.pick(g.paths.all)
}

// Product returns something that a shop may sell, in lower case.
func (g *Generator) Product(seed [2]uint64) string {
	g.seed(seed)
	return g.pick(g.products)
}

// region is a city with what surrounds it.
type region struct {
	city, state, name, country string
	zips                       []string
}

// regionsByArea maps each area code to its region. The postcodes are a closed set: four for each city.
func regionsByArea() map[string]*region {
	areas, names := make(map[string]*region, 450), stateNames()
	for _, line := range cityAreas() {
		head, codes, _ := strings.Cut(line, ": ")
		state, rest, _ := strings.Cut(head, " ")
		prefix, city, _ := strings.Cut(rest, " ")
		r := &region{city: city, state: state, name: names[state], country: "US"}
		if len(prefix) == 1 {
			r.country = "CA"
			r.zips = []string{prefix + "1A 1B1", prefix + "2C 2E2", prefix + "3G 3H3", prefix + "4J 4K4"}
		} else {
			for n := range 4 {
				r.zips = append(r.zips, prefix+"0"+strconv.Itoa(n+1))
			}
		}
		for _, code := range strings.Fields(codes) {
			areas[code] = r
		}
	}
	return areas
}

package texts

import (
	"strconv"
	"strings"
)

// Place is where a number is at home: "San Jose", "CA", "90001", "US".
type Place struct {
	City, State, Zip, Country string
	// Network is a mobile country code of three digits and a network code of three; always the same.
	Network string
}

// Place returns a place for a number of the North American area code ("415"): the state or province is the real one
// of the area code, its city and postcode are not. An area code that no state has gets any state.
func (g *Generator) Place(seed [2]uint64, areaCode string) Place {
	g.seed(seed)
	r := g.areas[areaCode]
	if r == nil {
		r = g.areas["212"]
	}
	return Place{City: g.pick(g.cities), State: r.state, Zip: g.pick(r.zips), Country: r.country, Network: networkCode}
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

// region is a state of the United States or a province of Canada.
type region struct {
	state, country string
	zips           []string
}

// regionsByArea maps each area code to its state. The postcodes are a closed set: four for each state.
func regionsByArea() map[string]*region {
	areas := make(map[string]*region, 450)
	for _, line := range stateAreas() {
		f := strings.Fields(line)
		r := &region{state: f[0], country: "US"}
		if prefix := f[1]; len(prefix) == 1 {
			r.country = "CA"
			r.zips = []string{prefix + "1A 1B1", prefix + "2C 2E2", prefix + "3G 3H3", prefix + "4J 4K4"}
		} else {
			for n := range 4 {
				r.zips = append(r.zips, prefix+"0"+strconv.Itoa(n+1))
			}
		}
		for _, code := range f[2:] {
			areas[code] = r
		}
	}
	return areas
}

// stateAreas lists each state with the beginning of a postcode of its and its geographic area codes (NANPA, 2025).
func stateAreas() []string {
	return []string{
		"AL 350 205 251 256 334 483 659 938",
		"AK 995 907",
		"AZ 850 480 520 602 623 928",
		"AR 720 327 479 501 870",
		"CA 900 209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 747 760 805 818 820 831 837 840 858 909 916 925 949 951",
		"CO 800 303 719 720 748 970 983",
		"CT 060 203 475 860 959",
		"DE 197 302",
		"DC 200 202 771",
		"FL 330 239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
		"GA 300 229 404 470 478 678 706 762 770 912 943",
		"HI 968 808",
		"ID 837 208 986",
		"IL 606 217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872",
		"IN 460 219 260 317 463 574 765 812 930",
		"IA 503 319 515 563 641 712",
		"KS 660 316 620 785 913",
		"KY 402 270 364 502 606 859",
		"LA 700 225 318 337 457 504 985",
		"ME 040 207",
		"MD 210 227 240 301 410 443 667",
		"MA 021 339 351 413 508 617 774 781 857 978",
		"MI 480 231 248 269 313 517 586 616 679 734 810 906 947 989",
		"MN 550 218 320 507 612 651 763 924 952",
		"MS 390 228 471 601 662 769",
		"MO 630 235 314 417 557 573 636 660 816 975",
		"MT 590 406",
		"NE 680 308 402 531",
		"NV 890 702 725 775",
		"NH 030 603",
		"NJ 070 201 551 609 640 732 848 856 862 908 973",
		"NM 870 505 575",
		"NY 100 212 315 329 332 347 363 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934",
		"NC 270 252 336 472 704 743 828 910 919 980 984",
		"ND 580 701",
		"OH 430 216 220 234 283 326 330 380 419 436 440 513 567 614 740 937",
		"OK 730 405 539 572 580 918",
		"OR 970 458 503 541 971",
		"PA 190 215 223 267 272 412 445 484 570 582 610 717 724 814 835 878",
		"RI 029 401",
		"SC 290 803 821 839 843 854 864",
		"SD 570 605",
		"TN 370 423 615 629 731 865 901 931",
		"TX 750 210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979",
		"UT 840 385 435 801",
		"VT 050 802",
		"VA 230 276 434 540 571 686 703 757 804 826 948",
		"WA 980 206 253 360 425 509 564",
		"WV 250 304 681",
		"WI 530 262 274 353 414 534 608 715 920",
		"WY 820 307",
		"AB T 368 403 587 780 825",
		"BC V 236 250 257 604 672 778",
		"MB R 204 431 584",
		"NB E 428 506",
		"NL A 709 879",
		"NS B 782 902",
		"NT X 867",
		"ON M 226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942",
		"QC H 263 354 367 418 438 450 468 514 579 581 819 873",
		"SK S 306 474 639",
	}
}

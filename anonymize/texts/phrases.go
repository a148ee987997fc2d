package texts

// phraseLists returns what a person may write for each intent: no digits and no final punctuation, so that these can
// be added where the shape has them. {p} is a product, {n} a first name, {c} a city.
// A phrase must never be a keyword or a reaction by itself.
func phraseLists() [intentCount][]string {
	return [intentCount][]string{
		Chat: {
			"i was just about to text you", "what time works for you", "can you call me later", "i am on my way home",
			"we are at the {p} place now", "tell {n} i said hello", "are you coming over tonight", "no idea what you mean",
			"i will let you know tomorrow", "my sister {n} told me about this", "sounds good to me", "i forgot to ask",
			"see you in {c} next week", "we just moved to {c}", "it was so much fun last night", "i need to think about it",
			"lol that is so true", "talk to you soon", "just got back from {c}", "can not talk right now",
			"did you see the new {p}", "let me ask {n}", "call me when you can", "so tired today", "what do you think",
			"not a bad idea", "i guess so", "why not", "who knows", "be right back", "that is funny", "good luck",
		},
		Coupon: {
			"my code does not work", "the coupon is not working at checkout", "it says the code has expired",
			"how do i use the discount", "can i use two codes together", "where do i put the promo code",
			"is the sale still on", "do you have a code for the {p}", "the discount did not apply to the {p}",
			"i never got my coupon", "does the deal work in the {c} store", "send me a new code please",
			"is this code for new customers only", "no discount for me", "wrong code", "which code", "any deals",
		},
		Order: {
			"where is my order", "has my package shipped yet", "my {p} has not arrived", "i need the tracking number",
			"can i change the address on my order", "when will the {p} be delivered", "the tracking has not moved in days",
			"it says delivered but there is no package", "can you ship to {c}", "please check on my order",
			"did {n} sign for the parcel", "i ordered the wrong {p}", "how long does shipping take",
			"still no package", "any news on my order", "order status", "got it today", "no tracking",
		},
		Love: {
			"i love my new {p}", "this is the best {p} ever", "thank you so much", "you guys are amazing",
			"my order came so fast", "we adore this brand", "{n} is going to love it", "the {p} looks so good on me",
			"best shop in {c}", "can not wait to wear it", "the quality is amazing", "such a beautiful {p}",
			"you made my day", "this is perfect", "i am obsessed", "so happy with it", "thanks a lot", "so pretty",
			"love it", "so good", "thank you", "thanks",
		},
		Complaint: {
			"the {p} came broken", "this is the worst service ever", "i want my money back", "nobody answers my emails",
			"the {p} is not what i ordered", "i am very disappointed", "this is not okay", "the {p} fell apart in a week",
			"i have been waiting for weeks", "the box was damaged when it came", "i will tell everyone in {c}",
			"you charged my card twice", "please have a manager call me", "how do i return the {p}",
			"never buying here again", "so disappointed", "not happy", "it is broken", "really bad",
		},
		OptOut: {
			"please stop texting me", "take me off your list", "do not text me again", "no more texts please",
			"i did not sign up for this", "stop sending me these messages", "please remove my number",
			"i do not want these texts", "how do i make this stop", "leave me alone", "no more messages",
			"stop texting me", "please stop this", "stop this now", "stop please", "no more",
		},
		Product: {
			"do you have the {p} in a small", "is the {p} back in stock", "how much is the {p}", "what colors does the {p} come in",
			"does the {p} run big or small", "is this one real leather", "will you restock the {p}",
			"can i buy the {p} in the {c} store", "is the {p} good for winter", "which {p} do you like best",
			"do you sell gift cards", "what size should i get", "is the {p} machine washable", "do you have it in black",
			"is it still available", "looking for a {p}", "got any in blue", "how big is it", "what size", "in stock",
		},
		Hours: {
			"what time do you close today", "are you open on sunday", "where is the {c} store", "is the {c} shop open",
			"do you close early tonight", "what are your hours", "how late are you open", "when do you open tomorrow",
			"are you open on the holiday", "where are you located", "is there parking at the store", "open today",
			"are you closed", "open late",
		},
		WrongNumber: {
			"who is this", "i think you have the wrong number", "this is not {n}", "you have the wrong person",
			"how did you get my number", "do i know you", "{n} does not have this number anymore", "is this {n}",
			"new phone who is this", "sorry wrong number", "not {n}", "who dis",
		},
		Answer: {
			"sure that works", "no thank you", "okay sounds good", "maybe later", "yep that is me", "nope not today",
			"yeah why not", "that is fine", "i think so", "of course", "no i do not think so", "yeah i got it",
			"okay thanks {n}", "not really", "for sure", "okay", "nope", "yeah", "yep", "nah", "no", "ok",
		},
		Greeting: {
			"hi there", "hello how are you", "good morning", "hey it is {n}", "hi this is {n} from {c}", "good evening",
			"hey what is up", "hello again", "hey you", "hi all", "hello", "hey", "hi", "hiya",
		},
		AutoReply: {
			"i am driving and will see your message later", "i am away from my phone", "i am in a meeting right now",
			"i will reply as soon as i can", "this is an automatic reply", "i am on vacation until monday",
			"can not talk now", "sent from my car", "away for now",
		},
		OptIn: {
			"sign me up", "how do i sign up", "start it please", "subscribe me", "subscribe", "please sign me up", "add me",
			"i want in", "count me in", "let me in",
		},
		AskHelp: {
			"help please", "can you help me", "i need help", "please help", "more info please", "help me", "need info", "pls help",
		},
	}
}

// nearKeywords returns words that are keywords by themselves. They are written with punctuation behind them only, as
// many people do; a platform then takes them for free text, or looks twice.
func nearKeywords() [intentCount][]string {
	return [intentCount][]string{
		OptOut:  {"stop", "stopall", "cancel", "unsubscribe", "quit", "end"},
		OptIn:   {"start", "yes", "unstop", "subscribe"},
		AskHelp: {"help", "info"},
	}
}

// fillerList holds words and short phrases of every length from 1 to 13, to meet a length exactly.
func fillerList() []string {
	return []string{
		"k", "u", "r", "x", "m", "o", "b", "c",
		"ok", "hi", "hm", "ah", "oh", "so", "np", "ty", "yo", "ya", "um", "go",
		"thx", "pls", "lol", "hey", "idk", "omg", "yep", "nah", "wow", "btw", "ugh", "yay", "aww",
		"okay", "cool", "nice", "sure", "yeah", "nope", "haha", "good", "hmmm", "soon", "same",
		"hello", "great", "sorry", "later", "maybe", "sweet", "right", "oh ok", "ok ok", "today",
		"thanks", "please", "really", "oh wow", "ok thx", "no thx", "for me", "got it", "not me", "ok hun",
		"perfect", "oh okay", "so cool", "not now", "hey you", "awesome", "not yet", "so nice", "ok cool", "anyways",
		"all good", "oh sorry", "tomorrow", "ok great", "for sure", "not sure", "so sorry", "whatever", "hey guys",
		"ok thanks", "thank you", "love this", "for today", "this week", "right now", "no thanks", "oh really",
		"no problem", "ok perfect", "not really", "oh my gosh", "right away", "that is it", "see you all", "in a while",
		"let me know", "many thanks", "sounds good", "on my phone", "have a look", "so nice omg", "for a friend",
		"thanks again", "see you soon", "that is fine", "a bit of both", "ok no rush ty", "oh wow thanks",
	}
}

// contractionList holds phrases with an apostrophe, for texts from phones that write it curly.
func contractionList() []string {
	return []string{
		"i'm", "it's", "don't", "can't", "i'll", "that's", "what's up", "won't do", "i can't", "isn't it", "i don't know",
		"it's me", "i'm not sure", "that's great", "didn't get it", "i'll see", "couldn't say", "here's the thing", "let's see",
	}
}

// accentGSM and accentWide are words with Latin letters beyond ASCII. Those of the first stay in the GSM alphabet in
// either case; each of the second holds a letter that is outside it in either case.
func accentGSM() []string {
	return []string{"é", "olé", "café", "niño", "décor", "señor", "mañana", "señora", "cliché", "piñata", "jalapeño"}
}

func accentWide() []string {
	return []string{
		"á", "ó", "í", "só", "lá", "já", "olá", "más", "pão", "fête", "días", "você", "açaí", "adiós", "bébê", "música",
		"corazón", "próximo", "bientôt", "domingão",
	}
}

// productWords are what a shop may sell, in one word, beside those that gofakeit knows.
func productWords() []string {
	return []string{
		"hoodie", "sweater", "dress", "scarf", "jeans", "sneakers", "coat", "blouse", "skirt", "lipstick", "serum", "boots",
		"leggings", "earrings", "sandals", "mascara", "joggers", "beanie",
	}
}

// LinkWords are the words that the paths of generated links are made of.
func LinkWords() []string {
	return []string{"a", "go", "new", "sale", "shop", "items", "summer", "gallery", "products", "favorites"}
}

func carrierNames() []string {
	return []string{
		"T-Mobile USA", "Verizon Wireless", "AT&T Wireless", "US Cellular", "Dish Wireless", "Bandwidth", "Cricket Wireless",
		"Metro", "Google Voice", "Cellcom", "Rogers", "Telus", "Bell Mobility",
	}
}

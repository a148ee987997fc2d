package logs

// typed sees through a value that a database's export wraps with its type, {"S": "text"}, {"N": "1"}, {"M": {…}}: what is inside, and
// the type; "" where it is no such value.
func (p *plan) typed(sp span) (inner span, of string) {
	p.on(sp.doc)
	return p.typedIn(sp)
}

// on has the scanner walk the document of a level.
func (p *plan) on(doc uint8) {
	p.scanner.line, p.scanner.doc = p.levels[doc].doc, doc
}

// typedIn is typed in the document that the scanner is on.
func (p *plan) typedIn(sp span) (inner span, of string) {
	if sp.kind != jsonObject {
		return sp, ""
	}
	s := &p.scanner
	members, name := 0, ""
	s.i = sp.start
	s.each(jsonObject, func(key, v span) bool {
		if members++; members == 1 && key.end-key.start <= len("NULL") {
			name, inner = string(s.line[key.start:key.end]), v
		}
		return members == 1
	})
	if members != 1 {
		return sp, ""
	}
	var want kind
	switch name {
	case "S", "N", "B":
		want = jsonString
	case "BOOL":
		want = jsonBool
	case "M":
		want = jsonObject
	case "L":
		want = jsonArray
	case "NULL":
		if inner.kind == jsonBool {
			return span{kind: jsonNull, doc: inner.doc, start: inner.start, end: inner.start}, name
		}
		return sp, ""
	default:
		return sp, ""
	}
	if inner.kind != want {
		return sp, ""
	}
	return inner, name
}

// typedTree says whether each value of an object has its type around it, as a database exports them, and gives the object itself.
func (p *plan) typedTree(sp span) (object span, typed bool) {
	object = sp
	if inner, of := p.typedIn(sp); of == "M" {
		object = inner
	}
	if object.kind != jsonObject {
		return sp, false
	}
	members := 0
	typed = true
	p.scanner.i = object.start
	p.scanner.each(jsonObject, func(_, v span) bool {
		members++
		_, of := p.typedIn(v)
		typed = of != ""
		return typed
	})
	if !typed || members == 0 {
		return sp, false
	}
	return object, true
}

// untyped appends an object of typed values, or one of these values, as JSON without the types.
func (p *plan) untyped(dst []byte, sp span, depth int) []byte {
	s := &p.scanner
	closing := byte('}')
	switch sp.kind {
	case jsonObject:
		dst = append(dst, '{')
	case jsonArray:
		dst, closing = append(dst, '['), ']'
	case jsonString:
		return append(append(append(dst, '"'), p.raw(sp)...), '"')
	case jsonNull:
		return append(dst, "null"...)
	default:
		return append(dst, p.raw(sp)...)
	}
	first := true
	s.i = sp.start
	s.each(sp.kind, func(key, v span) bool {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if sp.kind == jsonObject {
			dst = append(append(append(dst, '"'), p.raw(key)...), `":`...)
		}
		dst = p.untypedValue(dst, v, depth+1)
		return true
	})
	return append(dst, closing)
}

// untypedValue appends a value that may have its type around it: numbers stand in strings there.
func (p *plan) untypedValue(dst []byte, sp span, depth int) []byte {
	inner, of := p.typedIn(sp)
	if depth > deepest {
		of = "" // no export has as many
	}
	switch of {
	case "":
		return compact(dst, p.quoted(sp))
	case "N":
		if _, number := scaled(p.raw(inner), 0); number {
			return append(dst, p.raw(inner)...)
		}
	}
	return p.untyped(dst, inner, depth)
}

// quoted is a value as it stands in its document, a string with its quotes.
func (p *plan) quoted(sp span) []byte {
	if sp.kind == jsonString {
		sp.start, sp.end = sp.start-1, sp.end+1
	}
	return p.raw(sp)
}

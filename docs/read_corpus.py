#!/usr/bin/env python3
"""Prints the records of corpora (.rpz) as `reprise cat` does: python3 read_corpus.py FILE...

It was written from capture/corpus/FORMAT.md alone, and a test holds it and reprise to the same answers. It reads versions 1 and 2, records in
rows and in columns, and goes on behind damage. Journals beside unfinished files are not read. It needs Python 3.8 and the command zstd.
Exit codes: 0 done, 1 a file is no corpus or of a newer program, 6 part of a file was unreadable and the rest was used.
"""
import base64, datetime, functools, itertools, json, mmap, re, struct, subprocess, sys, tempfile, urllib.parse
from collections import namedtuple

RECORDS, INDEX, HEADER, END, DICTIONARY, EXTENSION = 1, 3, 4, 5, 6, 88
MIB, KINDS = 1 << 20, "other subscribe unsubscribe help info unrecognized reaction custom_keyword status".split()
HEAD1, HEAD2 = struct.Struct("<12xBBHIIIIqqqI"), struct.Struct("<12xBBBxH2xIIIqqq12xII")
Head = namedtuple("Head", "at end type packing codec kinds stored raw records seq first last crc_raw crc_stored")
Template = namedtuple("Template", "method host vendor names parts")
# The values are those of the URL, of each header, and of the message's id, from, to and text.
Record = namedtuple("Record", "time kind origin status latency template body values")
CRC = [functools.reduce(lambda c, _: c >> 1 ^ 0x82F63B78 * (c & 1), range(8), c) for c in range(256)]
STRING, ESCAPE = re.compile(rb'((?:[^"\\]|\\.)*)"', re.S), re.compile(rb"(?:\\u....)+|\\.?", re.S)
# Bytes that are no UTF-8, and what JSON or a terminal would take for more than a character.
NO_UTF8, ESCAPED = re.compile("[\udc80-\udcff]"), re.compile("[\udc80-\udcff\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

class Damage(Exception):
    """What a block says cannot be."""
class Unreadable(Exception):
    """Nothing of a file can be read, or nothing from here on."""

def need(right, reason):
    if not right:
        raise Damage(reason)

def crc32c(data):
    c = 0xFFFFFFFF
    for byte in data:
        c = CRC[(c ^ byte) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF

def bits_of(data, at, n):
    return int.from_bytes(data[at >> 3 : at + n + 7 >> 3], "little") >> (at & 7) & (1 << n) - 1
def unpacked(frames, sizes, dictionary=b""):  # unpacks zstd frames by one call. Those that need no dictionary are the same with one
    if not frames:
        return []
    with tempfile.NamedTemporaryFile() as packed, tempfile.NamedTemporaryFile() as texts:
        packed.write(b"".join(frames))
        texts.write(dictionary)
        packed.flush(), texts.flush()
        call = ["zstd", "-dcq", packed.name] + ["-D", texts.name] * bool(dictionary)
        with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as zstd:
            whole = zstd.stdout.read(sum(sizes) + 1)
    need(zstd.returncode == 0 and len(whole) == sum(sizes), "a zstd frame cannot be unpacked")
    return [whole[end - size : end] for end, size in zip(itertools.accumulate(sizes), sizes)]

class Input:  # bytes that are read from front to back
    def __init__(self, data):
        self.data, self.at = data, 0
    def take(self, n):
        need(0 <= n <= len(self.data) - self.at, "it ends too early")
        self.at += n
        return self.data[self.at - n : self.at]
    def uvarint(self, most=(1 << 64) - 1):
        n, shift, byte = 0, 0, 128
        while byte > 127:
            byte = self.take(1)[0]
            n, shift = n | (byte & 127) << shift, shift + 7
            need(n <= most and shift <= 70, "a number is too large")
        return n
    def varint(self):
        n = self.uvarint()
        return n >> 1 ^ -(n & 1)
    def text(self):
        return self.take(self.uvarint())
    def done(self):
        need(self.at == len(self.data), "bytes are left")

def form(text):
    need(not re.search(rb"%(?![0-9a-fA-F]{2})", text), "no form")
    return urllib.parse.unquote_to_bytes(text.replace(b"+", b" "))
def unescaped(text):  # what stands in a JSON string; half of a pair of surrogates cannot be encoded
    return ESCAPE.sub(lambda match: json.loads(b'"%s"' % match[0]).encode(), text)

def moment(v, digits, separator):  # a time in units of a second that has so many digits
    if separator == 0:
        return b"%d" % v
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=v // 10**digits)
    return (time.isoformat(chr(separator)) + (".%0*d" % (digits, v % 10**digits) if digits else "")).encode()

def rows(data, head):  # the records of a block in codec 1 or 2
    source, templates, states, time, records = Input(data), [], [], head.first, []
    for _ in range(head.records):
        n = source.uvarint(len(templates))
        if n == 0:
            method, host, vendor = source.text(), source.text(), source.text()
            templates.append(Template(method, host, vendor, [source.text() for _ in range(source.uvarint(10000))], None))
            states.append([(b"", 0, 0)] * (5 + len(templates[-1].names)))  # a value, its place in the body, and from the end
            need(sum(map(len, states)) <= 262144, "too many slots")
        time += source.uvarint()
        kind = source.take(1)[0]
        kind, origin = (kind & 15, kind >> 4) if head.codec == 2 else (kind, 0)
        status, latency, body, slots, state = source.uvarint(), source.varint(), source.text(), Input(source.text()), states[n - 1]
        for i, (value, begin, back) in enumerate(state):
            how = slots.uvarint()
            if how >= 3:
                state[i] = slots.take(how - 3), begin, back
            elif how > 0:
                where = slots.uvarint()
                begin = where - 2 if where > 1 else len(body) - back if where else begin
                need(1 <= i <= 4 and 0 <= begin <= len(body), "a value stands where none can")
                value = form(body[begin:].split(b"&", 1)[0]) if how == 1 else unescaped(STRING.match(body, begin)[1])
                state[i] = value, begin, len(body) - begin
        slots.done()
        values = [value for value, _, _ in state]
        records.append(Record(time, kind, origin, status, latency, templates[n - 1], body, values[:1] + values[5:] + values[1:5]))
    source.done()
    return records

class Columns:  # a block in codec 3
    def __init__(self, data, head, dictionary):
        self.head, source, directory, self.budget, self.nodes = head, Input(data), [], 4 * MIB, 131072
        for _ in range(source.uvarint(262144)):
            packing, stored = source.take(1)[0], source.uvarint()
            directory.append((packing, stored, source.uvarint() if packing else stored))
        need(sum(raw for _, _, raw in directory) <= 16 * MIB, "the sections are too long")
        need(all(packing < (2 if dictionary is None else 3) for packing, _, _ in directory), "the dictionary is missing")
        sections = [source.take(stored) for _, stored, _ in directory]
        source.done()
        packed = [i for i, (packing, _, _) in enumerate(directory) if packing]
        for i, text in zip(packed, unpacked([sections[i] for i in packed], [directory[i][2] for i in packed], dictionary or b"")):
            sections[i] = text
        self.plan, self.sections = Input(sections.pop()), iter(sections)
    def records(self):
        plan, n, records = self.plan, self.head.records, []
        templates = [self.template() for _ in range(plan.uvarint(65536))]
        self.of = self.numbers(n, len(templates) - 1)
        rows = self.numbers(n, (1 << 62) - 1), self.numbers(n, 15), self.numbers(n, 15), self.numbers(n, 65535), self.numbers(n)
        self.times = [self.head.first + time for time in rows[0]]
        self.read_columns(templates)
        plan.done()
        need(next(self.sections, None) is None, "a section is left")
        for i, (t, time, *row) in enumerate(zip(self.of, self.times, *rows[1:])):
            body = b"".join(self.part(templates[t].parts[0], i, None))
            values = [b"".join(self.part(part, i, body)) for part in templates[t].parts[1:]]
            records.append(Record(time, *row, templates[t], body, values))
        return records
    def template(self):
        plan = self.plan
        method, host, vendor = plan.text(), plan.text(), plan.text()
        names = [plan.text() for _ in range(plan.uvarint(10000))]
        # A piece is a column, counted from 1, or a text.
        parts = [[plan.uvarint(65536) or plan.text() for _ in range(plan.uvarint(262144))] for _ in range(6 + len(names))]
        return Template(method, host, vendor, names, parts)
    def part(self, pieces, record, body):
        for piece in pieces:
            value = self.columns[piece - 1][record] if isinstance(piece, int) else piece
            yield b"%d" % len(body) if value is None else value
    def read_columns(self, templates):  # each column becomes a dictionary: by the record's number its value. None stands for the length of the body
        named = [{p for part in t.parts for p in part if isinstance(p, int)} for t in templates]
        self.columns, records = [], [[] for _ in range(max(itertools.chain([0], *named)))]
        need(self.plan.uvarint() == len(records), "the number of columns is wrong")
        for record, template in enumerate(self.of):
            for p in named[template]:
                records[p - 1].append(record)
        for of in records:
            self.columns.append(dict(zip(of, self.node(len(of), of))))
    def section(self, size=None):
        text = next(self.sections)
        need(size is None or len(text) == size, "a section has another length")
        return text
    def numbers(self, n, most=None):
        how, start = self.plan.take(1)[0], None
        if how == 128:
            start, how = self.plan.varint(), self.plan.take(1)[0]
        base = self.plan.varint()
        numbers = self.units(n, how, base, self.plan.uvarint()) if how else [base] * n
        if start is not None:
            numbers = list(itertools.accumulate(numbers, initial=start))[1:]
        need(most is None or not numbers or 0 <= min(numbers) and max(numbers) <= most, "a number is out of range")
        return numbers
    def units(self, n, how, base, unit):
        units, self.budget = [], self.budget - n
        need(self.budget >= 0, "too many numbers")
        if how <= 56:
            text = self.section((n * how + 7) // 8)
            units = [bits_of(text, how * i, how) for i in range(n)]
        elif how <= 72:
            text = self.section(n * (how - 64))
            units = [int.from_bytes(u, "little") for u in zip(*(text[n * i : n * i + n] for i in range(how - 64)))]
        else:
            need(how == 73, "a way to write numbers is not known")
            tokens, bits, at = self.section(n), self.section(), 0
            for u in tokens:
                if u >= 16:
                    extra = u // 4 - 2
                    u, at = (4 + u % 4) << extra | bits_of(bits, at, extra), at + extra
                units.append(u)
            need(len(bits) == at + 7 >> 3, "bits are left or missing")
        return [base + unit * u for u in units]
    def node(self, n, records, depth=0):  # the values of n rows. Their records are None where a row is not of one record
        self.nodes -= 1
        need(depth <= 8 and self.nodes >= 0, "too many nodes")
        kind, plan, deeper = self.plan.take(1)[0], self.plan, depth + 1
        if kind == 0:
            return [plan.text()] * n
        if kind == 1:
            return list(map(b"".join, zip([b""] * n, *[self.node(n, records, deeper) for _ in range(plan.uvarint(64))])))
        if kind in (2, 3, 4):
            other = self.columns[plan.uvarint()]
            return [(bytes, form, unescaped)[kind - 2](other[r]) for r in records]
        if kind == 5 and depth == 0:
            return [None] * n
        if kind == 6:
            lengths, text = self.numbers(n), self.section()
            ends = list(itertools.accumulate(lengths, initial=0))
            need(min(lengths, default=0) >= 0 and ends[-1] == len(text), "lengths are wrong")
            return [text[begin:end] for begin, end in zip(ends, ends[1:])]
        if 7 <= kind <= 11:
            width = {9: 16, 10: 15}.get(kind) or plan.uvarint(65536)
            variants = self.numbers(n, 3) if kind == 10 else []
            text = self.section(width * n)
            rows = [text[width * i : width * i + width] for i in range(n)]
            if kind == 11:
                return [base64.b64encode(row) for row in rows]
            rows = [row.hex() for row in rows]
            if kind < 9:
                return [(row if kind == 7 else row.upper()).encode() for row in rows]
            if kind == 10:
                rows = [row[:12] + "4" + row[12:15] + "89ab"[v] + row[15:] for row, v in zip(rows, variants)]
            return ["-".join((row[:8], row[8:12], row[12:16], row[16:20], row[20:])).encode() for row in rows]
        if kind in (12, 13):
            width = plan.uvarint(18) if kind == 13 else 1
            return [b"%0*d" % (width, number) for number in self.numbers(n, 10**width - 1 if kind == 13 else 1 << 62)]
        if kind in (14, 15):
            count = plan.uvarint(n)
            numbers = self.numbers(n, count)
            rows = self.node(count, None, deeper)
            if kind == 15:
                numbers = [k - max(number, 1) for number, k in zip(numbers, itertools.accumulate(number == 0 for number in numbers))]
                need(min(numbers, default=0) >= 0, "there are not so many rows yet")
            return [rows[number] for number in numbers]
        if kind == 16:
            column, skip, length, own, others = (plan.uvarint() for _ in range(5))
            need(own <= n and others <= n, "a node has too many rows")
            numbers = self.numbers(n, 1)
            keys = [self.columns[column - 1][r][skip : skip + length] if column else self.of[r] for r in records]
            own, others, values = iter(self.node(own, None, deeper)), iter(self.node(others, None, deeper)), {}
            value = lambda key: values[key] if key in values else values.setdefault(key, next(own))
            return [next(others) if number else value(key) for key, number in zip(keys, numbers)]
        if kind == 18:
            digits, separator = plan.uvarint(9), plan.uvarint(84)
            values = [self.times[r] // 10 ** (9 - digits) + number for r, number in zip(records, self.numbers(n))]
            need(min(values, default=0) >= 0, "a moment is before 1970")
            return [moment(v, digits, separator) for v in values]
        need(kind == 17, "a node is not known")
        count = plan.uvarint(16)
        numbers, nodes = self.numbers(n, count - 1), [iter(self.node(plan.uvarint(n), None, deeper)) for _ in range(count)]
        return [next(nodes[number]) for number in numbers]

class Corpus:
    """A file. Once all records were read, lost says what is not there: offset, reason, and how many records (None: nobody knows)."""
    def __init__(self, data):
        self.data, self.lost, self.texts, self.first, self.id, magic = data, [], None, None, b"", data[:8]
        if magic[:6] + magic[7:] != b"\x8eRPZ\r\n\x1a" or magic[6] not in (1, 2):
            raise Unreadable("it is no corpus, or was written by a newer program")
        self.version, self.mark, self.size, end_size = (1, b"\xc9rpb", 64, 16) if magic[6] == 1 else (2, b"\xc9rpc", 80, 24)
        end = self.head(len(data) - self.size - end_size)
        header = next((head for head in [self.head(8), *self.footer(end)] if self.is_header(head)), None)
        need(header, "the header is damaged")
        self.id = data[header.at + 4 : header.at + 12]
        for block in self.footer(end):
            self.texts = self.payload(block) if block.type == DICTIONARY else self.texts
            if block.type == INDEX and self.first is None and block.raw > 1:
                index = Input(self.payload(block))  # how many entries; of the first one the offset, length and checksum, records, time
                index.uvarint(), index.uvarint(), self.version == 1 and (index.uvarint(), index.take(4)), index.uvarint()
                self.first = index.varint()
    def is_header(self, head):
        try:
            return head and head.type == HEADER and json.loads(self.payload(head))["state"] in ("raw", "anonymized", "synthetic")
        except (Damage, LookupError, TypeError, ValueError):
            return False
    def footer(self, end):  # the blocks of the footer, if all of them are whole
        blocks = []
        try:
            head = end and end.type == END and self.head(int.from_bytes(self.payload(end)[:8], "little"))
            while head and self.payload(head) and head != end:
                blocks.append(head)
                head = self.head(head.end)
        except Damage:
            return []
        return blocks if head else []
    def head(self, at):  # the head of a block that begins here, or None
        data = self.data[max(at, 0) : max(at, 0) + self.size]
        if len(data) < self.size or not data.startswith(self.mark + self.id) or crc32c(data[:-4]) != int.from_bytes(data[-4:], "little"):
            return None
        if self.version == 1:
            kind, packing, kinds, stored, raw, records, crc_raw, seq, first, last, crc_stored = HEAD1.unpack_from(data)
            codec = 1
        else:
            kind, packing, codec, kinds, stored, raw, records, seq, first, last, crc_raw, crc_stored = HEAD2.unpack_from(data)
        long = stored > raw or packing == 0 and stored < raw or raw > (MIB if kind in (HEADER, DICTIONARY) else 16 * MIB)
        if long or records > 65536 or seq < 0 or last < first or self.version == 1 and packing > 1:
            return None
        return Head(at, at + self.size + stored, kind, packing, codec, kinds, stored, raw, records, seq, first, last, crc_raw, crc_stored)
    def payload(self, head):
        data = self.data[head.end - head.stored : head.end]
        need(len(data) == head.stored, "the file ends inside a block")
        crc = crc32c(data)
        need(crc == head.crc_stored, "a block's checksum does not match")
        if head.packing:
            data = unpacked([data], [head.raw])[0]
            crc = crc32c(data)
        need(crc == head.crc_raw, "a block's checksum does not match")
        return data
    def block(self, head):  # the records of a block
        if self.version == 2 and (head.packing > 1 or head.type == RECORDS and head.codec not in (1, 2, 3)):
            raise Unreadable("block at offset %d: written by a newer program" % head.at)
        data = self.payload(head)
        self.texts = data if head.type == DICTIONARY else self.texts
        if head.type != RECORDS:
            return []
        try:
            records = rows(data, head) if head.codec < 3 else Columns(data, head, self.texts).records()
        except (AttributeError, LookupError, OverflowError, StopIteration, TypeError, ValueError):
            raise Damage("a block says what cannot be") from None
        times = [r.time for r in records]
        need(times == sorted(times) and times[0] == head.first and times[-1] == head.last, "times are wrong")
        need(all(r.kind < 16 and head.kinds >> r.kind & 1 and r.status <= 65535 for r in records), "a record is wrong")
        return records
    def records(self):  # all records that can be read, with their numbers
        at, expected, last = 8, 0, None
        while at < len(self.data):
            head = self.head(at)
            if head is None:
                begin, at = at, self.search(at + 1)
                self.lost.append([begin, "no block where one should begin" if at < len(self.data) else "the file ends inside a block", None])
                continue
            at, records, counted = head.end, [], head.records if head.type != EXTENSION or self.version == 1 else 0
            try:
                records = self.block(head)
            except Damage as damage:
                self.missing(head.at, head.seq - expected)
                self.lost.append([head.at, str(damage), counted])
                at = self.search(head.at + self.size)
            else:
                if head.type == END:
                    self.missing(head.at, int.from_bytes(self.payload(head)[8:16], "little") - expected)
                    self.lost += [[at, "bytes behind the end", 0]] if at < len(self.data) else []
                    return
                if counted and (head.seq < expected or last is not None and head.first < last):
                    self.lost.append([head.at, "a block is out of order", 0])
                    continue
                if counted:
                    self.missing(head.at, head.seq - expected)
                if counted and head.type != RECORDS:
                    self.lost.append([head.at, "a block of another type has records", counted])
            yield from enumerate(records, head.seq)
            if counted:
                expected, last = max(expected, head.seq + counted), head.last if records else last
        self.lost.append([len(self.data), "the file ends before its footer", None])
    def missing(self, at, n):  # says how many records are missing before a block
        for lost in self.lost:
            if lost[2] is None and n >= 0:
                lost[2], n = n, 0
        if n > 0:
            self.lost.append([at, "blocks are missing before this one", n])
    def search(self, at):  # where the next block begins, or the end of the file
        while at >= 0 and not self.head(at):
            at = self.data.find(self.mark + self.id, at + 1)
        return at if at >= 0 else len(self.data)

def line(seq, r, first):  # a record as reprise cat prints it
    text = lambda value: value.decode("utf-8", "surrogateescape")
    t, (url, *headers, id, sender, to, said) = r.template, map(text, r.values)
    out = {"seq": seq, "time": text(moment(r.time, 9, 84)) + "Z", "offset_ns": min(r.time - first, (1 << 63) - 1)}
    out["kind"] = KINDS[r.kind] if r.kind < len(KINDS) else "kind(%d)" % r.kind
    out.update(vendor=text(t.vendor), method=text(t.method), url=url, host=text(t.host), headers=list(zip(map(text, t.names), headers)))
    body = text(r.body)
    out.update({"body_base64": base64.b64encode(r.body).decode()} if NO_UTF8.search(body) else {"body": body})
    out.update({"rebuilt": True} if r.origin else {}, **{"synthetic": True} if r.origin == 2 else {})
    out.update({"message": {"id": id, "from": sender, "to": to, "text": said}} if id or sender or to or said else {})
    out.update({"response": {"status": r.status, "latency_ns": r.latency}} if r.status else {})
    printed = json.dumps(out, ensure_ascii=False, separators=(",", ":"))
    return ESCAPED.sub(lambda m: "\\ufffd" if m[0] > "\ud800" else "\\u%04x" % ord(m[0]), printed) + "\n"

def read(name):  # prints one file, and returns its exit code
    try:
        with open(name, "rb") as file:
            corpus = Corpus(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        for seq, record in corpus.records():
            corpus.first = record.time if corpus.first is None else corpus.first
            sys.stdout.buffer.write(line(seq, record, corpus.first).encode())
    except (Damage, Unreadable, OSError, ValueError) as error:
        print("%s: %s" % (name, error), file=sys.stderr)
        return 6 if isinstance(error, Damage) else 1
    for i, (at, reason, n) in enumerate(corpus.lost):
        more = "more " * any(before for _, _, before in corpus.lost[:i])
        many = ": it cannot be known how many %srecords are lost" % more if n is None else ": %s record%s lost" % (f"{n:,}", "s"[n == 1 :])
        print("%s: at byte %d: %s%s" % (name, at, reason, many if n != 0 else ""), file=sys.stderr)
    return 6 if corpus.lost else 0
if __name__ == "__main__":
    codes = [read(name) for name in sys.argv[1:]]
    sys.exit(1 if 1 in codes else max(codes, default=__doc__))

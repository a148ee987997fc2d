// The vendors' own packages accept what reprise signs: node --test, with REPRISE the binary (default: built here).
//
// Each case makes a corpus up, turns it into the log of a receiver in one of the vendor's forms, captures and anonymizes it, and
// replays it, signed, to a server that asks the vendor's package. All requests must be accepted, and those that are changed on their
// way refused. Nothing leaves this machine.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cases } from "./cases.js";
import { request } from "./judges.js";

const folder = mkdtempSync(join(tmpdir(), "peers-"));
const reprise = process.env.REPRISE || join(folder, "reprise");
const requests = Number(process.env.PEER_REQUESTS || 500); // a case, receipts on top

before(() => {
  if (!process.env.REPRISE) execFileSync("go", ["build", "-o", reprise, "./cmd/reprise"], { cwd: new URL("../..", import.meta.url) });
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(...args) {
  return new Promise((done, fail) => {
    const p = spawn(reprise, args, { cwd: folder });
    let out = "", err = "";
    p.stdout.on("data", chunk => { out += chunk; });
    p.stderr.on("data", chunk => { err += chunk; });
    p.on("error", fail);
    p.on("exit", code => code === 0 ? done(out) : fail(new Error(`reprise ${args.join(" ")} ended with ${code}: ${err}`)));
  });
}

run.folder = folder;

// These are keywords, which anonymize leaves as they are; the texts that it writes anew have emoji and other alphabets, too.
const texts = ["It's", "É😀 & co", "VIP+1=%41;#", "ça va?", "a\"b\\c/<d>", "100%"];

const made = new Map();

// entries are the requests of a vendor's synthetic corpus, as reprise cat prints them.
async function entries(vendor) {
  if (!made.has(vendor)) {
    const spec = { version: 1, curve: { constant: { rate: "50/s", for: `${requests / 50}s` } }, vendors: { [vendor]: 1 }, keywords: texts };
    const known = JSON.parse(await run("vendors", "--json")).find(v => v.name === vendor);
    if (known.synth_receipts) spec.receipts = { share: "20%", failed: "20%" };
    writeFileSync(join(folder, `${vendor}.yaml`), JSON.stringify(spec));
    await run("fixtures", "synth", "--spec", `${vendor}.yaml`, "-o", `${vendor}.rpz`, "--quiet");
    made.set(vendor, await run("cat", `${vendor}.rpz`));
  }
  return made.get(vendor).trim().split("\n").map(line => JSON.parse(line));
}

const map = "time: /time\nmethod: /method\nurl: /url\nhost: /host\nheaders: /headers\nbody: /body\n";

// log writes what a receiver would have written down of a case's requests: a JSON line each. Now and then a text is empty.
async function log(c, name) {
  const all = await entries(c.vendor), kinds = {};
  all.forEach((q, n) => {
    kinds[q.kind] = (kinds[q.kind] ?? 0) + 1;
    if (q.kind === "unrecognized" && n % 10 === 0) {
      const inForm = encodeURIComponent(q.message.text).replaceAll("%20", "+"), inJSON = JSON.stringify(q.message.text).slice(1, -1);
      q.body = q.body.replace(`=${inForm}&`, "=&").replace(`"${inJSON}"`, '""');
    }
    c.edit?.(q, n);
    q.headers = q.headers.filter(([name]) => name !== "Content-Length");
  });
  const file = join(folder, `${name}.ndjson`);
  writeFileSync(file, all.map(q => JSON.stringify(q) + "\n").join(""));
  return [file, all.length, kinds];
}

// changed is a text with another first digit, or with a space more.
const changed = text => /\d/.test(text) ? text.replace(/\d/, digit => 9 - digit) : text + " ";

// judge answers 200 to what the package accepts and 403 to all else. Some requests are shown to it changed, too.
function judge(c) {
  const seen = { requests: 0, refused: [], forged: 0, accepted: [] };
  const asks = async (q, key) => {
    try {
      return await c.judge(q, key) === true ? "" : "it says no";
    } catch (err) {
      return String(err.message || err).slice(0, 200);
    }
  };
  const server = createServer((message, response) => {
    const chunks = [];
    message.on("data", chunk => chunks.push(chunk));
    message.on("end", async () => {
      const body = Buffer.concat(chunks), q = request(message, body), record = message.headers["reprise-record"];
      const no = await asks(q, c.verify);
      if (no) seen.refused.push(`record ${record}: ${no}`);
      if (seen.requests++ % 25 === 0) {
        const forgeries = { "another key": [q, c.wrong] };
        if (c.covers !== "url" && body.length > 0) forgeries["another body"] = [request(message, Buffer.from(changed(body.toString()))), c.verify];
        for (const [what, [forged, key]] of Object.entries(forgeries)) {
          seen.forged++;
          if (await asks(forged, key) === "") seen.accepted.push(`record ${record} with ${what}`);
        }
      }
      response.writeHead(no ? 403 : 200).end();
    });
  });
  return new Promise(done => server.listen(0, "127.0.0.1", () => done([server, seen])));
}

for (const c of cases) {
  test(`${c.vendor}: ${c.name}`, { timeout: 120_000 }, async t => {
    const name = `${c.vendor}-${cases.indexOf(c)}`;
    const [lines, count, kinds] = await log(c, name);
    const [raw, safe, keyFile] = ["raw.rpz", "safe.rpz", "key"].map(s => join(folder, `${name}-${s}`));
    const mapFile = join(folder, "map.yaml");
    writeFileSync(mapFile, map);
    await run("capture", "logs", lines, "--map", mapFile, "-o", raw, "--quiet", "--keywords", texts.map(w => `"${w.replaceAll('"', '""')}"`).join(","), ...(c.capture ?? []));
    if (!c.raw) await run("anonymize", raw, "-o", safe, "--quiet");
    const held = JSON.parse(await run("inspect", c.raw ? raw : safe, "--json"));
    assert.deepEqual(held.vendors, { [c.vendor]: count }, "vendors");
    if (!c.otherKinds) assert.deepEqual(held.kinds, kinds, "kinds");

    const keys = typeof c.key === "function" ? await c.key(run) : { key: c.key, verify: c.verify ?? c.key };
    t.after(() => keys.close?.());
    writeFileSync(keyFile, keys.key, { mode: 0o600 });
    const [server, seen] = await judge({ ...c, verify: keys.verify });
    t.after(() => server.close());
    const said = JSON.parse(await run("replay", c.raw ? raw : safe, "--target", `http://127.0.0.1:${server.address().port}`, "--time-scale", "1000",
      "--sign", `${c.vendor}=@${keyFile}`, "--json", "--quiet", ...(c.raw ? ["--allow-raw"] : []), ...(c.replay ?? [])));
    const refusedKinds = Object.entries(said.kinds ?? {}).filter(([, k]) => k.status && Object.keys(k.status).some(s => s !== "200")).map(([k]) => k);
    assert.equal(seen.refused.slice(0, 3).join("; "), "", `${c.vendor} refuses ${seen.refused.length} of ${seen.requests}, of the kinds ${refusedKinds}`);
    assert.deepEqual(said.status, { 200: count }, "answers");
    assert.equal(seen.requests, count, "requests");
    assert.equal(seen.accepted.slice(0, 3).join("; "), "", "accepted, though forged");
    assert.ok(seen.forged > 0, "forgeries were shown");
  });
}

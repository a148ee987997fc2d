// Opens what reprise shows to people in a real Chromium: node --test, with REPRISE the binary (default: built here).
import { chromium } from "playwright-core";
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// patience is how long what comes at once may take where the machine is busy, in milliseconds.
const patience = 300_000;

const folder = mkdtempSync(join(tmpdir(), "browser-"));
const reprise = process.env.REPRISE || join(folder, "reprise");
const running = [];
let browser;

before(async () => {
  if (!process.env.REPRISE) execFileSync("go", ["build", "-o", reprise, "./cmd/reprise"], { cwd: new URL("../..", import.meta.url) });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    timeout: patience,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  for (const p of running) p.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args) => execFileSync(reprise, args, { stdio: ["ignore", "pipe", "inherit"] });

// start starts reprise and resolves to what a pattern finds in what it prints.
function start(pattern, ...args) {
  const p = spawn(reprise, args);
  running.push(p);
  return new Promise((found, lost) => {
    let text = "";
    const look = chunk => { text += chunk; const m = pattern.exec(text); if (m) found(m[0]); };
    p.stdout.on("data", look);
    p.stderr.on("data", look);
    p.on("exit", code => lost(new Error(`reprise ${args[0]} ended with ${code} without ${pattern}: ${text}`)));
  });
}

// standstill watches this machine until the function that it returns is called, which tells for how many milliseconds it kept this program
// waiting at most. Nothing else of this program may wait meanwhile.
function standstill() {
  const tick = 10;
  let last = performance.now(), most = 0;
  const look = () => { const now = performance.now(); most = Math.max(most, now - last - tick); last = now; };
  const timer = setInterval(look, tick);
  return () => { clearInterval(timer); look(); return most; };
}

// page opens a page that may not complain: of a policy that forbids something, or of an error in a script.
async function page(t, options) {
  const p = await (await browser.newContext({ viewport: { width: 1100, height: 1400 }, ...options })).newPage();
  p.setDefaultTimeout(patience);
  const said = [];
  p.on("console", m => { if (m.type() === "error" || m.type() === "warning" && !m.text().startsWith("Canvas2D")) said.push(m.text()); });
  p.on("pageerror", e => said.push(e.message));
  t.after(() => p.context().close());
  return [p, said];
}

// painted counts the plots on which something is drawn.
const painted = p => p.evaluate(() => [...document.querySelectorAll("figure .chart canvas")]
  .filter(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v)).length);

test("reports are drawn, light and dark, and can be read by keyboard", async t => {
  const [corpus, one, two] = ["c.rpz", "1.rpr", "2.rpr"].map(n => join(folder, n));
  const target = await start(/http:\/\/\S+/, "sink", "--listen", "127.0.0.1:0", "--latency", "3ms", "--jitter", "2ms");
  run("fixtures", "synth", "--curve", "bfcm2022", "--messages", "3000", "-o", corpus);
  for (const file of [one, two]) run("replay", corpus, "--target", target, "--time-scale", "200000", "-o", file, "--quiet");
  run("report", one, "-o", join(folder, "report.html"));
  run("compare", one, two, "-o", join(folder, "compare.html"), "--fail-on", "none", "--quiet");
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, least] of [["report.html", 6], ["compare.html", 1]]) {
      const [p, said] = await page(t, { colorScheme });
      const asked = [];
      p.on("request", r => asked.push(r.url()));
      await p.goto("file://" + join(folder, name));
      await p.waitForSelector(".chart canvas");
      const figures = await p.locator("figure.drawn").count();
      assert.ok(figures >= least, `${name}: ${figures} plots`);
      assert.equal(await painted(p), figures, `${name}: plots that are drawn`);
      assert.equal(asked.length, 1, `${name} asks for ${asked}`);
      if (name === "report.html") {
        assert.equal(await p.locator(".figures .figure").count(), 8, "figures at the head");
        assert.match(await p.innerText("section:has(h2:text-is('Curve')) .note"), /^Over the time of the recording, UTC, from 24 November to 2[89] November 2022\. The busiest second was planned for /);
        await p.focus('figure[data-plot="rate"] .chart');
        await p.keyboard.press("ArrowRight");
        assert.match(await p.innerText('figure[data-plot="rate"] .said'), /^24 Nov \d\d:\d\d(:\d\d)? UTC \([\d.]+s of the run\): planned .*achieved/);
        await p.click('figure[data-plot="latency"] button');
        assert.equal(await painted(p), figures);
      }
      if (name === "compare.html") {
        const forest = p.locator("figure.forest").first();
        assert.ok(await forest.locator("g").count() >= 4, "effects in the forest plot");
        assert.ok(await forest.locator("figcaption .sign").count() >= 1, "marks that are explained");
        assert.equal(await p.locator("section .scroll table").count(), 0, "tables that are not folded");
        await p.focus('figure[data-plot="latency"] .chart');
        await p.keyboard.press("ArrowRight");
        // By the time of the recording, which begins on 24 November at 05:00 UTC.
        assert.match(await p.innerText('figure[data-plot="latency"] .said'), /^24 Nov \d\d:\d\d(:\d\d)?: base p95 .*candidate p50/);
        assert.match(await p.innerText('figure[data-plot="latency"] .u-legend'), /base p95[^]*candidate p95/);
        await p.setViewportSize({ width: 390, height: 800 });
        await p.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
      }
      assert.deepEqual(said, []);
    }
  }
});

test("a report can be read without scripts, and printed", async t => {
  const [p] = await page(t, { javaScriptEnabled: false });
  await p.goto("file://" + join(folder, "report.html"));
  assert.ok(await p.locator("figure svg").first().isVisible());
  assert.ok((await p.locator('details:has(summary:text-is("Ledger")) table').textContent()).includes("recorded"));
  await p.goto("file://" + join(folder, "compare.html"));
  assert.ok(await p.locator("figure.forest svg").first().isVisible());
  assert.ok(await p.locator('figure[data-plot="latency"] svg').first().isVisible());
  const [q] = await page(t, {});
  await q.goto("file://" + join(folder, "report.html"));
  await q.waitForSelector(".chart canvas");
  await q.emulateMedia({ media: "print" });
  assert.ok(await q.locator("figure svg").first().isVisible());
  assert.ok(!await q.locator(".chart").first().isVisible());
});

// touching are the pairs of words of a plot that lie over each other: those above it, and of a still one those of its axes too.
const touching = p => p.evaluate(() => {
  const out = [];
  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    for (const inside of [".labels span", ".still text"]) {
      const list = [...figure.querySelectorAll(inside)].map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.width);
      const frame = figure.getBoundingClientRect();
      list.forEach(([text, a], i) => {
        if (inside === ".labels span" && (a.left < frame.left || a.right > frame.right)) out.push(`${figure.dataset.plot}: ${text} leaves its plot`);
        for (const [other, b] of list.slice(i + 1)) {
          if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5) out.push(`${figure.dataset.plot}: ${text} and ${other}`);
        }
      });
    }
  }
  return out;
});

test("no words of a plot lie over others, wide and narrow, drawn and still", async t => {
  const [corpus, shaped, steered, shape] = ["even.rpz", "shaped.rpr", "steered.rpr", "shape.yaml"].map(n => join(folder, n));
  const target = await start(/http:\/\/\S+/, "sink", "--listen", "127.0.0.1:0", "--latency", "3ms");
  run("fixtures", "synth", "--curve", "bfcm2022", "--messages", "60000", "-o", corpus);
  const shapes = "100 at 600x; the-first-ramp: ramp 300ms to 900x; hold 200ms; rush: 300ms at volume 2; 300ms at 300/s; calm: 200ms at 100/s; ramp 200ms to 400x; 50 at 400x; the-very-last-of-them: 400ms at 600x";
  writeFileSync(shape, "steps:\n" + shapes.split("; ").map(s => `  - ${s}\n`).join("") + "cap: 400/s\nfactors:\n  - {kind: [help], volume: 1.5}\n");
  run("replay", corpus, "--target", target, "--shape", shape, "-o", shaped, "--quiet");
  const socket = join(folder, "c.sock"), going = spawn(reprise, ["replay", corpus, "--target", target, "--peak", "1h", "--time-scale", "100", "-o", steered, "--control", socket]);
  const over = new Promise(done => going.on("exit", done));
  running.push(going);
  await new Promise((begun, lost) => {
    going.stderr.on("data", text => { if (/\d ok, /.test(text)) begun(); });
    going.on("exit", code => lost(new Error(`the run ended with ${code} before a line of progress`)));
  });
  // Marks that would touch become one: each order comes when the run has gone on by half a second, however fast this machine is.
  const elapsed = () => JSON.parse(run("ctl", "status", "--json", "--socket", socket)).elapsed_ns / 1e6;
  for (const order of [["note", "cache warmed"], ["volume", "2"], ["note", "the second deploy has begun at all of the nodes"], ["skip", "500ms"], ["note", "after the skip"], ["scale", "80"], ["stop"]]) {
    for (const last = elapsed(); elapsed() < last + 500;);
    run("ctl", ...order, "--socket", socket);
  }
  await over;
  for (const name of ["shaped", "steered"]) {
    run("report", join(folder, name + ".rpr"), "-o", join(folder, name + ".html"));
    for (const width of [1280, 390]) {
      for (const javaScriptEnabled of [true, false]) {
        const [p, said] = await page(t, { javaScriptEnabled, colorScheme: width === 390 ? "dark" : "light", viewport: { width, height: 900 } });
        await p.goto("file://" + join(folder, name + ".html"));
        const words = javaScriptEnabled ? ".labels span" : ".still text";
        await p.waitForSelector('figure[data-plot="rate"] ' + words);
        assert.ok(await p.locator('figure[data-plot="rate"] ' + words).count() >= 3, "words above the curve");
        assert.deepEqual(await touching(p), [], `${name} at ${width}, scripts ${javaScriptEnabled}`);
        assert.ok(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} at ${width} is wider than its window`);
        if (name === "steered") assert.equal(await p.locator("ol.events li").count(), await p.locator("ol.events li:visible").count());
        assert.deepEqual(said, []);
      }
    }
  }
  // What was skipped is not planned in one moment: the planned curve is nowhere far above what was sent at its most.
  const [p] = await page(t, {});
  await p.goto("file://" + join(folder, "steered.html"));
  const [planned, achieved] = await p.evaluate(() => { const c = JSON.parse(document.getElementById("course").textContent); return [Math.max(...c.planned), Math.max(...c.achieved)]; });
  assert.ok(planned <= achieved * 3, `${planned}/s planned, ${achieved}/s sent at most`);
});

test("pause lets the rate fall to 0, and resume brings no burst", async t => {
  const [corpus, even] = ["even-rate.rpz", "even-rate.csv"].map(n => join(folder, n));
  const target = await start(/http:\/\/\S+/, "sink", "--listen", "127.0.0.1:0", "--latency", "3ms");
  // An even curve, 100 requests a second of the run: whenever the pause comes, what comes after it is as much as what was before it.
  writeFileSync(even, "2022-11-28T12:00:00Z,30000\n2022-11-28T14:30:00Z,0\n");
  run("fixtures", "synth", "--curve", even, "-o", corpus);
  const address = await start(/http:\/\/\S+token=\S+/, "replay", corpus, "--target", target, "--time-scale", "30", "--dashboard", "127.0.0.1:0", "--quiet");
  const [p, said] = await page(t, {});
  await p.goto(address);
  await p.waitForSelector(".chart canvas");
  const tile = async name => parseFloat((await p.locator(".tile", { hasText: name }).locator("b").innerText()).replaceAll(",", ""));
  // A machine that stands still makes up for it in a burst of its own: then the rates are looked at again.
  for (let left = 4; ; left--) {
    const waited = standstill();
    await p.waitForTimeout(5000);
    const before = await tile("achieved rate");
    await p.click("#pause");
    await p.waitForFunction(() => document.getElementById("state").textContent === "paused");
    await p.waitForTimeout(4000);
    const paused = await tile("achieved rate");
    await p.click("#resume");
    let most = 0;
    for (let i = 0; i < 8; i++) {
      await p.waitForTimeout(500);
      most = Math.max(most, await tile("achieved rate"));
    }
    const holds = paused === 0 && before > 0 && most > 0 && most < 1.6 * before, held = waited();
    if (holds) break;
    assert.ok(held > 50 && left > 0, `rate ${before} before, ${paused} in the pause, up to ${most} after; this machine stood still for ${held} ms at most`);
  }
  assert.ok(await painted(p) >= 5);
  await p.fill("#scale", "0");
  await p.click("#set");
  await p.waitForFunction(() => document.getElementById("said").textContent.includes("not between"));
  assert.deepEqual(said.filter(s => !s.includes("409")), []);
  await p.click("#stop");
  await p.waitForFunction(() => document.getElementById("said").textContent === "the run is over");
  assert.match(await p.innerText("#state"), /^not faithful/);
  assert.match(await p.innerText("#says"), /^The run was stopped by hand\. Limits of the tool: .*not sent/);
});

test("the dashboard says why at its end, and the page has bars that fit", async t => {
  const [corpus, out, html] = ["why.rpz", "why.rpr", "why.html"].map(n => join(folder, n));
  const target = await start(/http:\/\/\S+/, "sink", "--listen", "127.0.0.1:0", "--latency", "3ms", "--latency-of", "custom_keyword=120ms", "--keywords", "VIP,SALE,EARLY,GLOW");
  run("fixtures", "synth", "--curve", "bfcm2022", "--messages", "1500", "-o", corpus);
  // Where this machine stood still, what the tool was kept from may hide the target's part: then the run is played again.
  for (let left = 4; ; left--) {
    const socket = join(folder, `why${left}.sock`);
    // The run goes on slowly until the page watches it.
    const address = await start(/http:\/\/\S+token=\S+/, "replay", corpus, "--target", target, "--time-scale", "100", "--dashboard", "127.0.0.1:0", "--control", socket, "-o", out, "--force", "--quiet");
    const [p, said] = await page(t, { colorScheme: "dark" });
    await p.goto(address);
    await p.waitForFunction(() => document.getElementById("state").textContent === "running");
    run("ctl", "scale", "86400", "--socket", socket);
    const waited = standstill();
    await p.waitForFunction(() => document.getElementById("said").textContent === "the run is over");
    const held = waited();
    assert.match(await p.innerText("#state"), /^(not )?faithful$/);
    assert.match(await p.innerText("#says"), /^The run was played to its end\. Limits of the tool: /);
    assert.equal(await p.locator("#figures .figure").count(), 8, "figures at the end");
    assert.ok(!await p.locator("#tiles").isVisible() && !await p.locator("#pause").isVisible(), "tiles and buttons of a run that is over");
    assert.deepEqual(said, []);
    const why = await p.locator("#why").innerText();
    const took = /Requests of kind custom_keyword took ([\d.]+) ms in the middle/.exec(why)?.[1];
    if (took >= 120 && took < 130) break;
    assert.ok(held > 50 && left > 0, `this machine stood still for ${held} ms at most: ${why}`);
    if (took >= 120) break;
  }
  run("report", out, "-o", html);
  for (const look of [{ colorScheme: "light" }, { colorScheme: "dark" }, { viewport: { width: 360, height: 900 } }]) {
    const [q, complaints] = await page(t, look);
    await q.goto("file://" + html);
    const bars = q.locator("section", { hasText: "of kind custom_keyword" }).first().locator("svg").first();
    assert.ok(await bars.isVisible());
    const outside = await bars.evaluate(s => [...s.querySelectorAll("text, line")].filter(e => {
      const b = e.getBBox();
      return b.x < 0 || b.x + b.width > s.viewBox.baseVal.width || b.y + b.height > s.viewBox.baseVal.height;
    }).map(e => e.textContent));
    assert.deepEqual(outside, []);
    assert.ok(await q.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the window");
    assert.deepEqual(complaints, []);
  }
});

// Opens what reprise shows to people in a real Chromium: node --test, with REPRISE the binary (default: built here).
import { chromium } from "playwright-core";
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "browser-"));
const reprise = process.env.REPRISE || join(folder, "reprise");
const running = [];
let browser;

before(async () => {
  if (!process.env.REPRISE) execFileSync("go", ["build", "-o", reprise, "./cmd/reprise"], { cwd: new URL("../..", import.meta.url) });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
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

// page opens a page that may not complain: of a policy that forbids something, or of an error in a script.
async function page(t, options) {
  const p = await (await browser.newContext({ viewport: { width: 1100, height: 1400 }, ...options })).newPage();
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
        assert.match(await p.innerText("section:has(h2:text-is('Curve')) .note"), /^Over the time of the recording, UTC, from 24 November to 2[89] November 2022\. The peak was planned for /);
        await p.focus('figure[data-plot="rate"] .chart');
        await p.keyboard.press("ArrowRight");
        assert.match(await p.innerText('figure[data-plot="rate"] .said'), /^24 Nov \d\d:\d\d(:\d\d)? UTC \([\d.]+s of the run\): achieved .*planned/);
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
        await p.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, null, { timeout: 5000 });
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

test("pause lets the rate fall to 0, and resume brings no burst", async t => {
  const corpus = join(folder, "busy.rpz");
  const target = await start(/http:\/\/\S+/, "sink", "--listen", "127.0.0.1:0", "--latency", "3ms");
  // An even curve: what comes after the pause is as much as what was before it.
  run("fixtures", "synth", "--curve", "bfcm2022", "--messages", "60000", "-o", corpus);
  const address = await start(/http:\/\/\S+token=\S+/, "replay", corpus, "--target", target, "--peak", "1h", "--time-scale", "90", "--dashboard", "127.0.0.1:0", "--quiet");
  const [p, said] = await page(t, {});
  await p.goto(address);
  await p.waitForSelector(".chart canvas");
  const tile = async name => parseFloat((await p.locator(".tile", { hasText: name }).locator("b").innerText()).replaceAll(",", ""));
  await p.waitForTimeout(5000);
  const before = await tile("achieved rate");
  await p.click("#pause");
  await p.waitForFunction(() => document.getElementById("state").textContent === "paused");
  await p.waitForTimeout(4000);
  assert.equal(await tile("achieved rate"), 0);
  await p.click("#resume");
  let most = 0;
  for (let i = 0; i < 8; i++) {
    await p.waitForTimeout(500);
    most = Math.max(most, await tile("achieved rate"));
  }
  assert.ok(before > 0 && most > 0 && most < 1.6 * before, `rate ${before} before, up to ${most} after`);
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
  const address = await start(/http:\/\/\S+token=\S+/, "replay", corpus, "--target", target, "--time-scale", "86400", "--dashboard", "127.0.0.1:0", "-o", out, "--quiet");
  const [p, said] = await page(t, { colorScheme: "dark" });
  await p.goto(address);
  await p.waitForFunction(() => document.getElementById("said").textContent === "the run is over");
  assert.match(await p.innerText("#state"), /^(not )?faithful$/);
  assert.match(await p.innerText("#says"), /^The run was played to its end\. Limits of the tool: /);
  assert.equal(await p.locator("#figures .figure").count(), 8, "figures at the end");
  assert.ok(!await p.locator("#tiles").isVisible() && !await p.locator("#pause").isVisible(), "tiles and buttons of a run that is over");
  assert.match(await p.locator("#why").innerText(), /Requests of kind custom_keyword took 12\d ms in the middle/);
  assert.deepEqual(said, []);
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

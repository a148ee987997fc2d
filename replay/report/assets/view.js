"use strict";
// Draws a course (course.go) into the figures of a page; a dashboard gets a new one every second.
(() => {
  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const kinds = ["other", "subscribe", "unsubscribe", "help", "info", "unrecognized", "reaction", "custom_keyword", "status"];
  const statusColor = { "2xx": "--a", "3xx": "--achieved", "4xx": "--b", "5xx": "--c", "no answer": "--planned" };
  const charts = new Map();
  let course = null;

  const number = v => v == null ? "–" : v >= 100 ? Math.round(v).toLocaleString("en") : String(+v.toPrecision(3));
  const clock = s => {
    const sign = s < 0 ? "-" : "", t = Math.abs(s), h = Math.floor(t / 3600), m = Math.floor(t / 60) % 60;
    const sec = t < 60 ? +(t % 60).toFixed(t < 10 ? 2 : 1) : Math.floor(t % 60);
    return sign + (h ? h + "h" : "") + (h || m ? m + "m" : "") + (h && !sec ? "" : sec + "s");
  };

  // The recording's time, where it is known which moment a second of the run is.
  const recorded = key => course && course.clock && key !== "completion" && key !== "backlog" ? course.clock : null;
  // between finds a value of one column between the knots of a clock, and beyond them, and tells that of the other.
  const between = (knots, v, column) => {
    let i = 1;
    while (i < knots.length - 1 && knots[i][column] < v) i++;
    const a = knots[i - 1], b = knots[i];
    return a[1 - column] + (v - a[column]) / (b[column] - a[column]) * (b[1 - column] - a[1 - column]);
  };
  const even = c => !c.knots || c.knots.length < 2;
  // recordedAt is the moment of a second of the run, in seconds since 1970 in the zone of the recording, and secondAt its inverse.
  const recordedAt = (c, s) => (even(c) ? c.first + s * 1000 * c.scale : between(c.knots, s, 0)) / 1000 + (c.offset || 0) * 60;
  const secondAt = (c, t) => {
    const ms = (t - (c.offset || 0) * 60) * 1000;
    return even(c) ? (ms - c.first) / 1000 / c.scale : between(c.knots, ms, 1);
  };
  const moment = (c, s, day) => {
    const t = new Date(Math.round(recordedAt(c, s)) * 1000), text = t.toISOString().slice(11, 19), midnight = text === "00:00:00";
    const date = midnight || day ? t.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }) : "";
    return midnight ? date : (date && date + " ") + (text.endsWith(":00") ? text.slice(0, 5) : text);
  };
  // when is a second of the run as a person reads it: with the day where the recording has several.
  // A run by itself has its own time beside it, by which its causes and its events are told.
  const when = (key, s) => {
    const c = recorded(key);
    if (!c) return clock(s);
    const text = moment(c, s, recordedAt(c, course.t[course.t.length - 1]) - recordedAt(c, 0) > 86400);
    return c.zone ? text + " " + c.zone + " (" + clock(s) + " of the run)" : text;
  };
  const minute = 60, hour = 3600, day = 86400;
  const steps = [1, 2, 5, 10, 30, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 30 * day, 365 * day];

  // whole are the whole moments of the recording between two seconds of the run.
  function whole(c, from, to, most) {
    const first = recordedAt(c, from), last = recordedAt(c, to), size = steps.find(s => (last - first) / s <= most) || steps[steps.length - 1], out = [];
    for (let t = Math.ceil(first / size) * size; t <= last; t += size) {
      const s = secondAt(c, t);
      if (!out.length || s - out[out.length - 1] >= (to - from) / most / 1.8) out.push(s); // where the tempo changes they are not evenly apart
    }
    return out;
  }

  // both are the first lines of two runs.
  const both = (c, key, what) => (c[key] || []).slice(0, 1).map(k => ["candidate" + what, k.y, "--achieved"])
    .concat((c.base[key] || []).slice(0, 1).map(k => ["base" + what, k.y, "--ink", true]));

  // lines says what each kind of plot draws: [name, values, colour, dashed, the colour below it].
  const lines = {
    rate: c => [["planned", c.planned, "--planned", false, "--plan"]]
      .concat(c.base ? [["achieved by base", c.base.achieved, "--b"]] : [], [["achieved", c.achieved, "--achieved"]]),
    latency: c => c.base
      ? [["base p95", c.base.p95, "--ink", true], ["candidate p95", c.p95, "--achieved"], ["base p50", c.base.p50, "--dim", true], ["candidate p50", c.p50, "--a"]]
      : [["p50", c.p50, "--a"], ["p95", c.p95, "--b"], ["p99", c.p99, "--c"]],
    lag: c => [["lag p99", c.lag, "--b"]],
    kinds: c => c.kinds.map(k => [k.name, k.y, "--s" + Math.max(kinds.indexOf(k.name), 0)]),
    status: c => c.status.map(s => [s.name, s.y, statusColor[s.name] || "--dim"]),
    completion: (c, unit) => (c.base ? both(c, "completion", " p95") : (c.completion || []).map((k, i) => [k.name, k.y, i ? "--s" + Math.max(kinds.indexOf(k.name), 0) : "--ink"]))
      .map(([name, y, ...how]) => [name, unit === "s" ? y.map(v => v == null ? v : v / 1000) : y, ...how]),
    backlog: c => c.base ? both(c, "backlog", "") : (c.backlog || []).map(k => [k.name, k.y, "--c"]),
  };

  // watched draws a figure of the platform's own: watched0 is the first.
  const watched = key => c => ((c.watched || [])[+(/^watched(\d+)$/.exec(key) || [])[1]] ? [c.watched[+key.slice(7)]] : []).map(w => [w.name, w.y, "--a"]);

  // stack puts each line on top of those before it.
  const stack = ys => {
    const sum = [];
    return ys.map(y => y.map((v, i) => sum[i] = (sum[i] || 0) + (v || 0)));
  };

  const pad = (y, n) => { const out = y.slice(0, n); while (out.length < n) out.push(null); return out; };

  // ruler measures words in CSS pixels.
  const ruler = document.createElement("canvas").getContext("2d");
  const wide = (text, bold) => { ruler.font = (bold ? "600 " : "") + "11px system-ui, sans-serif"; return ruler.measureText(text).width; };
  const row = 15, gap = 6, shortest = 6;

  // legible is a text that has so much room, empty where that is too little to be read.
  function legible(text, room) {
    if (wide(text) <= room) return text;
    let n = text.length;
    while (n >= shortest && wide(text.slice(0, n - 1).trim() + "…") > room) n--;
    return n < shortest ? "" : text.slice(0, n - 1).trim() + "…";
  }

  // flags places what is told of moments in a row: each with its number, and its words where there is room up to the next; numbers that
  // would touch become one, such as 3–5 (labels.go has the same).
  function flags(list, place, end) {
    const groups = [], number = g => g.from === g.to ? String(list[g.from].number) : list[g.from].number + "–" + list[g.to].number;
    list.forEach((e, i) => {
      groups.push({ from: i, to: i });
      for (;;) {
        const last = groups[groups.length - 1], before = groups[groups.length - 2];
        last.at = Math.min(place(list[last.from]), end - wide(number(last)));
        if (!before || before.at + wide(number(before)) + gap <= last.at) break;
        before.to = last.to;
        groups.pop();
      }
    });
    return groups.map((g, i) => {
      const until = i + 1 < groups.length ? groups[i + 1].at - gap : end, text = number(g);
      const room = until - g.at - wide(text + " "), all = list.slice(g.from, g.to + 1).map(e => e.text).join(", ");
      const words = g.from === g.to ? legible(all, room) : wide(all) <= room ? all : ""; // of several all or none
      return { at: g.at, text: words ? text + " " + words : text, title: list.slice(g.from, g.to + 1).map(e => e.number + ": " + e.says).join("; ") };
    });
  }

  const stepped = key => !["completion", "backlog", "heat"].includes(key) && (course.steps || []).length > 0;
  const told = () => course.events || [];
  // rows is how many rows of words are above a plot.
  const rows = key => (stepped(key) ? 1 : 0) + (told().length ? 1 : 0);

  // upright draws lines over the whole height.
  function upright(u, list, tint, dash, width) {
    const ctx = u.ctx, r = devicePixelRatio;
    ctx.strokeStyle = color(tint);
    ctx.lineWidth = width * r;
    ctx.setLineDash(dash.map(d => d * r));
    for (const m of list) {
      const x = u.valToPos(m.at, "x", true);
      if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
    }
  }

  // marks is a drawing hook: where steps begin, what was done to the run, was noted of it and begins to grow, and the busiest second.
  // Their words are elements, so that none lies over another; the list below the curve has the whole of them.
  const marks = (key, busiest) => u => {
    const ctx = u.ctx, r = devicePixelRatio, left = u.bbox.left / r, right = left + u.bbox.width / r, top = u.bbox.top / r;
    let box = u.root.querySelector(".labels");
    if (!box) {
      box = document.createElement("div");
      box.className = "labels";
      u.root.querySelector(".u-wrap").append(box);
    }
    box.replaceChildren();
    const label = (text, what, x, y, title) => {
      if (!text) return;
      const s = document.createElement("span");
      s.className = what;
      s.textContent = text;
      if (title) s.title = title;
      s.style.left = x + "px";
      s.style.top = y + "px";
      box.append(s);
    };
    const at = m => u.valToPos(m.at, "x") + left, inside = m => at(m) >= left && at(m) <= right;
    ctx.save();
    if (stepped(key)) {
      const list = course.steps, y = top - row * rows(key) - 1;
      upright(u, list, "--dim", [1, 3], 1);
      list.forEach((s, i) => {
        const from = Math.max(at(s), left) + 2, end = i + 1 < list.length ? Math.min(at(list[i + 1]), right) : right;
        label([s.text, String(i + 1)].find(text => from + wide(text) + gap <= end), "step", from, y);
      });
    }
    const list = told().filter(inside);
    upright(u, list.filter(e => e.what === "hand"), "--dim", [3, 3], 1);
    upright(u, list.filter(e => e.what === "note"), "--ink", [3, 3], 1);
    upright(u, list.filter(e => e.what === "grows"), "--unsure", [], 1.5);
    for (const f of flags(list, at, right)) label(f.text, "event", f.at, top - row - 1, f.title);
    if (busiest && course.peak) point(u, course.peak, label, left, right, top);
    ctx.restore();
  };

  // point shows the busiest second: how long it is and how much it holds.
  function point(u, p, label, left, right, top) {
    const ctx = u.ctx, r = devicePixelRatio, x = u.valToPos(p.at, "x", true), y = Math.max(u.valToPos(p.rate, "y", true), u.bbox.top);
    if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
    ctx.strokeStyle = ctx.fillStyle = color("--ink");
    const line = (x0, y0, x1, y1, width, dash) => {
      ctx.lineWidth = width * r;
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(x0, y0);
      ctx.lineTo(x1, y1);
      ctx.stroke();
    };
    const edge = s => Math.min(Math.max(u.valToPos(s, "x", true), u.bbox.left), u.bbox.left + u.bbox.width);
    line(edge(p.at - p.wide / 2), y, edge(p.at + p.wide / 2), y, 2.5, []);
    line(x, u.bbox.top, x, y, 1, [r, 2 * r]);
    ctx.beginPath();
    ctx.arc(x, y, 3.5 * r, 0, 2 * Math.PI);
    ctx.fill();
    const c = recorded("rate"), days = c && recordedAt(c, course.t[course.t.length - 1]) - recordedAt(c, 0) > 86400;
    const text = [c ? p.text + " at " + moment(c, Math.max(p.at - p.wide / 2, 0), days) : "", p.text, p.text.replace("busiest second ", "")].find(t => t && wide(t, true) + 2 <= right - left) || "";
    label(text, "peak", Math.max(Math.min(x / r + 8, right - wide(text, true) - 2), left + 2), top + 2);
  }

  // apart is a drawing hook: the stretches in which two runs are apart.
  function apart(u) {
    const ctx = u.ctx;
    ctx.save();
    ctx.globalAlpha = 0.12;
    for (const b of course.apart || []) {
      const x0 = Math.max(u.valToPos(b.from, "x", true), u.bbox.left), x1 = Math.min(u.valToPos(b.to, "x", true), u.bbox.left + u.bbox.width);
      ctx.fillStyle = color(b.slower ? "--bad" : "--good");
      if (x1 > x0) ctx.fillRect(x0, u.bbox.top, x1 - x0, u.bbox.height);
    }
    ctx.restore();
  }

  // heatmap is a drawing hook: one rectangle for each window and step of latency, darker where there were more answers.
  function heatmap(u) {
    const h = course.heat, ctx = u.ctx, half = course.width / 2;
    let most = 0;
    for (const row of h.rows) for (const n of row) most = Math.max(most, n);
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.fillStyle = color("--achieved");
    h.rows.forEach((row, w) => {
      const x0 = Math.floor(u.valToPos(course.t[w] - half, "x", true)), x1 = Math.ceil(u.valToPos(course.t[w] + half, "x", true));
      row.forEach((n, i) => {
        if (!n) return;
        const low = i ? h.edges[i - 1] : h.edges[0] / 1.19;
        const y0 = u.valToPos(h.edges[i], "y", true), y1 = u.valToPos(low, "y", true);
        ctx.globalAlpha = 0.12 + 0.88 * Math.log1p(n) / Math.log1p(most);
        ctx.fillRect(x0, y0, Math.max(x1 - x0, 1), Math.max(y1 - y0, 1));
      });
    });
    ctx.restore();
  }

  function options(key, figure, list, width) {
    const unit = figure.dataset.unit, log = figure.dataset.log === "1" || key === "heat";
    const grid = { stroke: color("--rule"), width: 1 }, text = { stroke: color("--dim"), font: "11px system-ui, sans-serif" };
    const series = [{ label: "time", value: (u, v) => v == null ? "–" : when(key, v) }];
    for (const [name, , c, dashed, below] of list) {
      const s = { label: name, stroke: color(c), width: below ? 1 : 1.6, fill: below ? color(below) : undefined, dash: dashed ? [6, 4] : undefined, value: (u, v) => number(v), points: { show: false }, spanGaps: false };
      if (key === "status") { s.fill = color(c); s.width = 0; }
      series.push(s);
    }
    if (key === "status") list.forEach((l, i) => {
      // The legend tells each class by itself, not the sum below the line.
      series[i + 1].value = (u, v, si, at) => number(at == null ? null : l[1][at]);
    });
    const o = {
      width, height: 260 + row * rows(key), padding: [8 + row * rows(key), null, null, null], series, cursor: { drag: { x: true, y: false } },
      scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : { range: (u, a, b) => [Math.min(a || 0, 0), b > 0 ? b * (key === "rate" && course.peak ? 1.2 : 1.05) : 1] } },
      axes: [{ ...text, grid, ticks: grid, values: (u, vs) => vs.map(clock) }, { ...text, grid, ticks: grid, size: 56, label: unit, labelSize: 16, labelFont: text.font, values: (u, vs) => vs.map(v => v == null ? "" : number(v)) }],
      hooks: { draw: [marks(key, key === "rate")] }, legend: { live: true },
    };
    if (recorded(key)) {
      o.axes[0].splits = (u, i, min, max) => whole(recorded(key), min, max, Math.max(Math.floor(u.width / 90), 2));
      o.axes[0].values = (u, vs) => vs.map(v => moment(recorded(key), v));
      if (recorded(key).zone) Object.assign(o.axes[0], { label: "recorded time, " + recorded(key).zone, labelSize: 18, labelFont: text.font });
    }
    if (key === "latency") o.hooks.drawClear = [apart];
    if (key === "heat") {
      const e = course.heat.edges;
      o.series = [series[0], { label: unit, show: true, stroke: "transparent", points: { show: false }, value: () => "" }];
      o.scales.y = { distr: 3, log: 10, range: () => [e[0] / 1.19, e[e.length - 1]] };
      o.hooks.draw = [heatmap, marks(key)];
      o.legend = { show: false };
    }
    if (key === "status") o.series.slice(1).reverse(), o.bands = list.slice(1).map((l, i) => ({ series: [i + 2, i + 1] }));
    return o;
  }

  // times are the places on the x axis: work that goes on after the run has its own.
  const times = key => key === "completion" || key === "backlog" ? course.done_t || [] : course.t;

  function data(key, list) {
    const t = times(key).slice(), n = t.length;
    if (key === "heat") return [t, t.map(() => course.heat.edges[0])];
    const ys = list.map(l => pad(l[1] || [], n));
    return [t].concat(key === "status" ? stack(ys) : ys);
  }

  function describe(figure, list) {
    const parts = list.map(l => {
      const known = (l[1] || []).filter(v => v != null);
      return l[0] + " up to " + number(known.length ? Math.max(...known) : null);
    });
    return figure.dataset.title + " in " + figure.dataset.unit + ": " + parts.join(", ") + ". Arrow keys move along the time.";
  }

  function draw(figure) {
    const key = figure.dataset.plot, list = key === "heat" ? [] : (lines[key] || watched(key))(course, figure.dataset.unit);
    if (!times(key).length || key !== "heat" && !list.length || key === "heat" && !course.heat.edges.length) return;
    const names = list.map(l => l[0]).join("|");
    let c = charts.get(figure);
    if (c && c.names === names && c.edges === course.heat.edges.length && c.rows === rows(key)) {
      c.list = list;
      c.plot.setData(data(key, list));
      return;
    }
    const hidden = c ? c.plot.series.filter(s => s.show === false).map(s => s.label) : [];
    if (c) c.plot.destroy();
    figure.classList.remove("hidden");
    figure.classList.add("drawn");
    if (!c) {
      const box = document.createElement("div"), tools = document.createElement("div"), said = document.createElement("span");
      box.className = "chart";
      box.tabIndex = 0;
      box.setAttribute("role", "img");
      tools.className = "tools";
      said.className = "said";
      said.setAttribute("aria-live", "polite");
      tools.append(said);
      if (["latency", "kinds", "lag", "completion"].includes(key)) tools.append(logButton(figure));
      const list = figure.querySelector(":scope > .events");
      if (list) list.before(box, tools); else figure.append(box, tools);
      c = { box, said };
      box.addEventListener("keydown", e => steer(e, c));
      // A page that opens out of sight, or becomes narrower, has no width to draw in until later.
      new ResizeObserver(() => fit(c)).observe(box);
      charts.set(figure, c);
    }
    c.names = names;
    c.edges = course.heat.edges.length;
    c.rows = rows(key);
    c.list = list;
    c.box.setAttribute("aria-label", describe(figure, list));
    c.plot = new uPlot(options(key, figure, list, c.box.clientWidth || 800), data(key, list), c.box);
    c.plot.series.forEach((s, i) => { if (hidden.includes(s.label)) c.plot.setSeries(i, { show: false }); });
    c.key = key;
  }

  // fit gives a plot the width of its box.
  function fit(c) {
    const width = c.box.clientWidth;
    if (width && c.plot && width !== c.plot.width) c.plot.setSize({ width, height: c.plot.height });
  }

  function logButton(figure) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = "log scale";
    b.setAttribute("aria-pressed", "false");
    b.addEventListener("click", () => {
      figure.dataset.log = figure.dataset.log === "1" ? "0" : "1";
      b.setAttribute("aria-pressed", String(figure.dataset.log === "1"));
      redraw(figure);
    });
    return b;
  }

  // steer moves the cursor by keys and says what is there.
  function steer(e, c) {
    const t = times(c.key), n = t.length, far = Math.max(Math.floor(n / 20), 1);
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: far, PageUp: -far }[e.key];
    let at = c.at == null ? (by > 0 ? -1 : n) : c.at;
    if (by) at += by; else if (e.key === "Home") at = 0; else if (e.key === "End") at = n - 1; else return;
    e.preventDefault();
    c.at = at = Math.min(Math.max(at, 0), n - 1);
    const u = c.plot;
    u.setCursor({ left: u.valToPos(t[at], "x"), top: u.bbox.height / devicePixelRatio / 2 });
    c.said.textContent = when(c.key, t[at]) + ": " + (c.list.map(l => l[0] + " " + number((l[1] || [])[at])).join(", ") || busiest(at));
  }

  function busiest(at) {
    const row = course.heat.rows[at] || [];
    const i = row.indexOf(Math.max(...row, 0));
    return row.length ? "most answers at about " + number(course.heat.edges[i]) + " ms" : "no answers";
  }

  function redraw(figure) {
    const c = charts.get(figure);
    if (c) c.names = null;
    draw(figure);
  }

  const figures = () => document.querySelectorAll("figure[data-plot]");
  const drawAll = () => figures().forEach(draw);
  const redrawAll = () => { if (course) figures().forEach(redraw); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  let resizing;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(redrawAll, 150); });

  // What is folded away is printed too.
  let folded = [];
  addEventListener("beforeprint", () => { folded = [...document.querySelectorAll("details:not([open])")]; folded.forEach(d => { d.open = true; }); });
  addEventListener("afterprint", () => { folded.forEach(d => { d.open = false; }); });

  // The dashboard.
  const id = name => document.getElementById(name);

  function tile(name, value, alarm) {
    const box = document.createElement("div"), b = document.createElement("b"), s = document.createElement("span");
    box.className = alarm ? "tile alarm" : "tile";
    b.textContent = value;
    s.textContent = name;
    box.append(b, s);
    return box;
  }

  const ms = ns => ns >= 1e9 ? number(ns / 1e9) + " s" : ns >= 1e6 ? number(ns / 1e6) + " ms" : number(ns / 1e3) + " µs";

  function show(s) {
    const paused = s.state === "paused", over = s.state === "over", going = s.state === "running" || paused;
    const state = id("state");
    const at = s.step ? s.state + ", step " + s.step.number + " at " + number(s.time_scale) + "×" : s.state;
    state.textContent = over ? "judging…" : at; // until the end is told
    state.className = "verdict " + (over || paused ? "unsure" : "good");
    id("position").value = s.planned_duration_ns ? Math.min(s.position_ns / s.planned_duration_ns, 1) : 0;
    id("pause").disabled = !going || paused;
    id("resume").disabled = !paused;
    id("set").disabled = id("stop").disabled = id("note").disabled = id("skip").disabled = id("volume").disabled = !going;
    if (!scaled && s.time_scale) id("scale").value = String(+s.time_scale.toPrecision(4));
    const tiles = [
      tile("of " + clock(s.planned_duration_ns / 1e9) + " on the schedule", clock(Math.min(Math.max(s.position_ns, 0), s.planned_duration_ns || Infinity) / 1e9)),
      ...s.retrying ? [tile("wait to be sent again, for " + clock(s.retries_left_ns / 1e9) + " at most", number(s.retrying))] : [],
      tile("recorded, UTC" + (s.source ? " on " + s.source.slice(0, 10) : ""), s.source ? s.source.slice(11, 19) : "–"),
      tile("planned rate", number(s.planned_rate) + "/s"), tile("achieved rate", number(s.achieved_rate) + "/s"),
      ...s.step && s.time_scale === 1 ? [] : [tile("time-scale", number(s.time_scale) + "×")], tile("lag p99 of the tool", ms(s.lag_p99_ns), s.lag_p99_ns > 5e6),
      tile("latency p95", ms(s.latency_p95_ns)), tile("in flight of " + number(s.in_flight_limit), number(s.in_flight), s.in_flight >= s.in_flight_limit),
      ...s.completions ? [tile("completed", number(s.completions.completed)), tile("wait for completion", number(s.completions.waiting)),
        ...s.completions.failed ? [tile("completed with a failure", number(s.completions.failed), true)] : []] : [],
      tile("answered well", s.ok.toLocaleString("en")), tile("failed", s.failed.toLocaleString("en"), s.failed > 0), tile("shed", s.shed.toLocaleString("en"), s.shed > 0),
    ];
    if (s.step) tiles.splice(2, 0, tile("step " + s.step.number + (s.step.of ? " of " + s.step.of : "") + (s.step.name ? ", " + s.step.name : ""), s.step.text));
    for (const [reason, n] of Object.entries(s.errors || {})) tiles.push(tile(reason, n.toLocaleString("en"), true));
    id("tiles").replaceChildren(...tiles);
  }

  let over = false; // then nothing else is said: the answer to the order that ended the run may come after its end

  function say(text) {
    if (!over) id("said").textContent = text;
  }

  async function order(what, body) {
    say(what + "…");
    try {
      const r = await fetch(what, { method: "POST", headers: { "Reprise-Token": document.body.dataset.live }, body });
      if (r.ok && what === "note") id("text").value = "";
      say(r.ok ? "" : what + ": " + (await r.text()).trim());
    } catch {
      say(what + ": the run does not answer");
    }
  }

  // verdict says what the run came to, in the figures that its report begins with.
  function verdict(e) {
    id("state").textContent = e.verdict || "over";
    id("state").className = "verdict " + (e.mood || "unsure");
    id("says").textContent = e.says || "Nothing was sent.";
    id("figures").replaceChildren(...(e.figures || []).map(f => {
      const box = document.createElement("div"), name = document.createElement("span"), value = document.createElement("strong"), beside = document.createElement("small");
      box.className = "figure" + (f.mood ? " is-" + f.mood : "");
      name.textContent = f.name;
      value.textContent = f.value;
      if (f.value.length > 16) value.className = "words";
      beside.textContent = f.beside;
      box.append(name, value, beside);
      return box;
    }));
    id("end").classList.remove("hidden");
    document.body.classList.add("over");
    id("tiles").classList.add("hidden"); // they tell of the last two seconds
    document.title = (e.verdict || "over") + ": " + document.title;
  }

  // because says why requests were slow.
  function because(why) {
    id("why").replaceChildren(...why.map(text => {
      const line = document.createElement("li");
      line.textContent = text;
      return line;
    }));
    id("why").classList.toggle("hidden", !why.length);
  }

  // listed lists what is told of moments below the curve, as a report does.
  function listed() {
    const figure = document.querySelector('figure[data-plot="rate"]');
    let list = figure.querySelector("ol.events");
    if (!list) {
      list = document.createElement("ol");
      list.className = "events";
      figure.append(list);
    }
    if (list.children.length === told().length) return;
    list.replaceChildren(...told().map(e => {
      const line = document.createElement("li"), when = document.createElement("span");
      when.textContent = e.when + ": ";
      line.className = e.what;
      line.append(when, e.says);
      return line;
    }));
  }

  let scaled = false; // by the user: then what was typed stays

  function live() {
    id("scale").addEventListener("input", () => { scaled = true; });
    id("pause").addEventListener("click", () => order("pause"));
    id("resume").addEventListener("click", () => order("resume"));
    id("set").addEventListener("click", () => order("scale", new URLSearchParams({ time_scale: id("scale").value })));
    id("stop").addEventListener("click", () => order("stop"));
    id("volume").addEventListener("click", () => order("volume", new URLSearchParams({ volume: id("times").value })));
    id("skip").addEventListener("click", () => order("skip", new URLSearchParams({ by: id("by").value })));
    const note = () => order("note", new URLSearchParams({ text: id("text").value }));
    id("note").addEventListener("click", note);
    id("text").addEventListener("keydown", e => { if (e.key === "Enter" && !id("note").disabled) note(); });
    const events = new EventSource("events");
    events.addEventListener("snapshot", e => {
      const s = JSON.parse(e.data);
      course = s.course;
      show(s.status);
      drawAll();
      listed();
    });
    events.addEventListener("end", e => {
      events.close();
      say("the run is over");
      over = true;
      const end = JSON.parse(e.data);
      verdict(end);
      because(end.why || []);
    });
    events.onerror = () => { if (events.readyState !== 2) say("the run does not answer; trying again"); };
    events.onopen = () => say("");
  }

  if (document.body.dataset.live) live();
  else {
    course = JSON.parse(document.getElementById("course").textContent);
    drawAll();
  }
})();

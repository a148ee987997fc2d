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

  // lines says what each kind of plot draws: [name, values, colour, dashed].
  const lines = {
    rate: c => [["achieved", c.achieved, "--achieved"]]
      .concat(c.base ? [["achieved by base", c.base.achieved, "--b"]] : [], [["planned", c.planned, "--ink", true]]),
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

  const brief = text => text.length > 40 ? text.slice(0, 39) + "…" : text;

  // marks is a drawing hook: what was done to the run, and what was noted of it.
  function marks(u) {
    const ctx = u.ctx;
    ctx.save();
    ctx.font = 11 * devicePixelRatio + "px system-ui, sans-serif";
    ctx.textAlign = "left";
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    let row = 0;
    const all = course.marks.map(m => [m, "--dim"]).concat((course.notes || []).map(n => [n, "--ink"]));
    for (const [m, tint] of all.sort((a, b) => a[0].at - b[0].at)) {
      const x = u.valToPos(m.at, "x", true);
      if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = color(tint);
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
      ctx.fillText(brief(m.text), x + 4, u.bbox.top + 12 * devicePixelRatio * (1 + row++ % 3));
    }
    ctx.restore();
  }

  // stepping is a drawing hook: where the steps of a shaped run begin, with their names above where there is room.
  function stepping(u) {
    const ctx = u.ctx, r = devicePixelRatio, bottom = u.bbox.top + u.bbox.height, right = u.bbox.left + u.bbox.width, list = course.steps || [];
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color("--dim");
    ctx.font = 11 * r + "px system-ui, sans-serif";
    ctx.textAlign = "left";
    ctx.setLineDash([r, 3 * r]);
    list.forEach((s, i) => {
      const x = Math.max(u.valToPos(s.at, "x", true), u.bbox.left), end = i + 1 < list.length ? Math.min(u.valToPos(list[i + 1].at, "x", true), right) : right;
      if (x > right || end <= u.bbox.left) return;
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, bottom);
      ctx.stroke();
      if (ctx.measureText(s.text).width + 8 * r <= end - x) ctx.fillText(s.text, x + 2 * r, u.bbox.top - 4 * r);
    });
    ctx.restore();
  }

  // peak is a drawing hook: it points at the busiest moment of the plan.
  function peak(u) {
    const p = course.peak, ctx = u.ctx, r = devicePixelRatio;
    if (!p) return;
    const x = u.valToPos(p.at, "x", true), y = u.valToPos(p.rate, "y", true), left = u.bbox.left, right = left + u.bbox.width;
    if (x < left || x > right) return;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color("--unsure");
    ctx.setLineDash([2 * r, 3 * r]);
    ctx.beginPath();
    ctx.moveTo(x, u.bbox.top);
    ctx.lineTo(x, u.bbox.top + u.bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, Math.max(y, u.bbox.top), 3.5 * r, 0, 2 * Math.PI);
    ctx.fill();
    ctx.font = "600 " + 11 * r + "px system-ui, sans-serif";
    ctx.fillStyle = color("--ink");
    const c = recorded("rate"), days = c && recordedAt(c, course.t[course.t.length - 1]) - recordedAt(c, 0) > 86400, text = p.text + (c ? " at " + moment(c, p.at, days) : ""), wide = ctx.measureText(text).width;
    ctx.textAlign = "left";
    const at = x + 8 * r + wide <= right ? x + 8 * r : x - 8 * r - wide; // on the side where there is room, or over the line
    ctx.fillText(text, Math.min(Math.max(at, left), right - wide), u.bbox.top + 11 * r);
    ctx.restore();
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
    for (const [name, , c, dashed] of list) {
      const s = { label: name, stroke: color(c), width: 1.6, dash: dashed ? [6, 4] : undefined, value: (u, v) => number(v), points: { show: false }, spanGaps: false };
      if (key === "status") { s.fill = color(c); s.width = 0; }
      series.push(s);
    }
    if (key === "status") list.forEach((l, i) => {
      // The legend tells each class by itself, not the sum below the line.
      series[i + 1].value = (u, v, si, at) => number(at == null ? null : l[1][at]);
    });
    const o = {
      width, height: 260, series, cursor: { drag: { x: true, y: false } },
      scales: { x: { time: false }, y: log ? { distr: 3, log: 10 } : { range: (u, a, b) => [Math.min(a || 0, 0), b > 0 ? b * (key === "rate" && course.peak ? 1.2 : 1.05) : 1] } },
      axes: [{ ...text, grid, ticks: grid, values: (u, vs) => vs.map(clock) }, { ...text, grid, ticks: grid, size: 56, label: unit, labelSize: 16, labelFont: text.font, values: (u, vs) => vs.map(v => v == null ? "" : number(v)) }],
      hooks: { draw: [marks] }, legend: { live: true },
    };
    if (recorded(key)) {
      o.axes[0].splits = (u, i, min, max) => whole(recorded(key), min, max, Math.max(Math.floor(u.width / 90), 2));
      o.axes[0].values = (u, vs) => vs.map(v => moment(recorded(key), v));
      if (recorded(key).zone) Object.assign(o.axes[0], { label: "recorded time, " + recorded(key).zone, labelSize: 18, labelFont: text.font });
    }
    if (!["completion", "backlog", "heat"].includes(key)) o.hooks.draw.push(stepping);
    if (key === "rate") o.hooks.draw.push(peak);
    if (key === "latency") o.hooks.drawClear = [apart];
    if (key === "heat") {
      const e = course.heat.edges;
      o.series = [series[0], { label: unit, show: true, stroke: "transparent", points: { show: false }, value: () => "" }];
      o.scales.y = { distr: 3, log: 10, range: () => [e[0] / 1.19, e[e.length - 1]] };
      o.hooks.draw = [heatmap, marks];
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
    if (c && c.names === names && c.edges === course.heat.edges.length) {
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
      figure.append(box, tools);
      c = { box, said };
      box.addEventListener("keydown", e => steer(e, c));
      // A page that opens out of sight, or becomes narrower, has no width to draw in until later.
      new ResizeObserver(() => fit(c)).observe(box);
      charts.set(figure, c);
    }
    c.names = names;
    c.edges = course.heat.edges.length;
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
      tile("of " + clock(s.planned_duration_ns / 1e9) + " on the schedule", clock(Math.max(s.position_ns, 0) / 1e9)),
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

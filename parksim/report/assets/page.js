"use strict";
(function () {
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const hours = page.hours || { step_minutes: 60, first: "2000-01-01T00:00", count: 0 };
  const root = document.documentElement;
  const step = hours.step_minutes * 60000;
  const start = Date.parse(hours.first + "Z");
  const words = page.words;
  const config = { displayModeBar: false, responsive: true, displaylogo: false, locale: words.locale };
  Plotly.register({ moduleType: "locale", name: words.locale, dictionary: {}, format: words.plotly });
  const stamp = (i) => new Date(start + i * step).toISOString().slice(0, 16);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const touch = window.matchMedia("(pointer: coarse)").matches;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const clone = (value) => JSON.parse(JSON.stringify(value));

  function values(trace) {
    const plus = [].concat(trace.series).map((key) => hours.series[key]);
    const minus = (trace.minus || []).map((key) => hours.series[key]);
    if (plus.length === 1 && !minus.length) return plus[0];
    const sum = (arrays, i) => arrays.reduce((total, a) => total + a[i], 0);
    return plus[0].map((_, i) => sum(plus, i) - sum(minus, i));
  }

  /* A duration curve: all steps from the highest, thinned where the eye cannot tell, with the moment of each. */
  const DRAWN = 1200;
  const order = (y) => Array.from(y.keys()).sort((a, b) => y[b] - y[a]);
  function falling(trace) {
    const whole = values(trace);
    const sorted = order(whole);
    const every = Math.max(1, Math.floor(sorted.length / DRAWN));
    const end = sorted.length - 1;
    const kept = sorted.map((_, k) => k).filter((k) => k < 100 || k > end - 100 || k % every === 0);
    const out = clone(trace);
    out.x = kept.map((k) => (k + 0.5) * hours.step_minutes / 60);
    out.y = kept.map((k) => whole[sorted[k]]);
    out.customdata = kept.map((k) => stamp(sorted[k]).replace("T", " "));
    ["series", "minus", "sorted", "csv"].forEach((name) => delete out[name]);
    return out;
  }

  /* Points that are cases of a study say which. */
  function named(trace) {
    const label = (i) => (page.cases.labels[i] || "").replace(/&/g, "&amp;").replace(/</g, "&lt;");
    if (trace.cases) trace.customdata = trace.cases.map(label);
    return trace;
  }

  /* A power is the mean of its step and is drawn as a step; a content belongs to the end of its step. */
  function resolved(trace, first, last) {
    if (trace.series === undefined) return named(clone(trace));
    if (trace.sorted) return falling(trace);
    const whole = values(trace);
    const out = clone(trace);
    const sign = trace.sign || 1;
    const y = whole.slice(first, last).map((v) => v * sign);
    if (trace.at === "end") y.unshift(first > 0 ? whole[first - 1] : hours.starts[trace.series]);
    else y.push(y[y.length - 1]);
    out.x = y.map((_, i) => stamp(first + i));
    out.y = y;
    ["series", "sign", "at", "csv"].forEach((name) => delete out[name]);
    return out;
  }

  function narrow(layout, width, brief) {
    if (width >= 560) return layout;
    (brief || []).forEach((text, i) => {
      layout.annotations[i].text = text;
      layout.annotations[i].font.size = 11;
    });
    layout.margin = Object.assign({}, layout.margin, { r: 8 });
    Object.keys(layout).filter((name) => name.indexOf("xaxis") === 0).forEach((name) => {
      layout[name].nticks = layout[name].nticks || 5;
      if (layout[name].type === "category") layout[name].tickangle = 0;
    });
    return layout;
  }

  function draw(div, spec, first, last) {
    const layout = narrow(clone(spec.layout), spec.layout.width || div.clientWidth, spec.brief);
    if (spec.window) {
      layout.xaxis.range = [stamp(first), stamp(last)];
      if (touch) layout.dragmode = false;
    }
    const data = spec.data.filter((t) => t.visible !== false).map((t) => resolved(t, first, last));
    return Plotly.react(div, data, layout, config);
  }

  /* The days shown: buttons, slider, and the strip of days move them; dragging across the chart looks closer. */
  const plots = {};
  const seen = { day: 0, days: 7 };
  const DAY = 86400000;
  const midnight = Date.parse(hours.first.slice(0, 10) + "T00:00Z");
  const strip = document.querySelector("[data-overview]");
  const slider = document.querySelector("[data-slider]");
  const shown = document.querySelector("[data-range]");

  function label(day, days) {
    const at = (d) => new Date(midnight + d * DAY).toISOString().slice(0, 10);
    const weekday = (text) => words.weekdays[new Date(text + "T00:00Z").getUTCDay()];
    const said = (text) => filled(words.day, { date: text, weekday: weekday(text) });
    return days === 1 ? said(at(day)) : filled(words.days, { first: said(at(day)), last: said(at(day + days - 1)) });
  }

  function band() {
    const at = (d) => new Date(midnight + d * DAY - DAY / 2).toISOString().slice(0, 16);
    return [{ type: "rect", xref: "x", yref: "paper", x0: at(seen.day), x1: at(seen.day + seen.days), y0: 0, y1: 1,
      layer: "above", fillcolor: "rgba(11,79,138,0.14)", line: { color: "#0B4F8A", width: 1 } }];
  }

  function show(day, days) {
    const spec = page.figures.dispatch;
    if (!spec) return;
    seen.days = days || seen.days;
    const per = spec.window.per_day;
    const total = Math.ceil(hours.count / per);
    seen.day = Math.max(0, Math.min(Math.max(total - seen.days, 0), Math.round(day)));
    const first = seen.day * per;
    const points = spec.window.jumps.length ? seen.days * per : spec.window.points;
    draw(plots.dispatch, spec, first, Math.min(hours.count, first + points));
    if (slider) slider.value = seen.day;
    if (shown) shown.textContent = label(seen.day, Math.min(seen.days, total));
    if (strip && strip.data) Plotly.relayout(strip, { shapes: band() });
    const pressed = (button, on) => button.setAttribute("aria-pressed", String(on));
    all("[data-day]").forEach((b) => pressed(b, seen.days === 7 && Number(b.dataset.day) === seen.day));
    all("[data-span]").forEach((b) => pressed(b, Number(b.dataset.span) === seen.days));
  }

  /* Another length keeps the middle where it is. */
  const span = (days) => show(seen.day + (seen.days - days) / 2, days);

  /* The value under the pointer on a heat map, and the week around it on a click. */
  function pointing(face) {
    const spec = page.figures[face.dataset.heat];
    const rows = spec.heat.rows;
    const whole = values(spec.data[0]);
    const days = Math.ceil(whole.length / rows);
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    face.appendChild(tip);
    const place = (event) => {
      const box = face.getBoundingClientRect();
      const day = Math.floor((event.clientX - box.left) / box.width * days);
      const row = Math.floor((event.clientY - box.top) / box.height * rows);
      const inside = day >= 0 && day < days && row >= 0 && row < rows;
      return { box, day, x: event.clientX - box.left, i: inside ? day * rows + row : -1 };
    };
    face.addEventListener("pointermove", (event) => {
      const at = place(event);
      tip.hidden = at.i < 0 || at.i >= whole.length;
      if (tip.hidden) return;
      const number = whole[at.i].toLocaleString("en", { maximumSignificantDigits: 6 }).replace(/,/g, words.group);
      const when = label(at.day, 1) + " " + stamp(at.i).slice(11);
      tip.textContent = filled(spec.heat.point, { when, number });
      const left = Math.max(0, Math.min(at.box.width - tip.offsetWidth, at.x - tip.offsetWidth / 2));
      tip.style.left = left + "px";
    });
    face.addEventListener("pointerleave", () => { tip.hidden = true; });
    face.addEventListener("click", (event) => {
      const at = place(event);
      if (touch || at.i < 0 || !plots.dispatch) return;
      show(at.day - 3, 7);
      plots.dispatch.closest("figure").scrollIntoView({ block: "start" });
    });
  }

  function drawAll() {
    all("[data-figure]").forEach((div) => {
      plots[div.dataset.figure] = div;
      if (div.dataset.figure !== "dispatch") draw(div, page.figures[div.dataset.figure], 0, hours.count);
    });
    if (strip && page.overview) {
      const layout = narrow(clone(page.overview.layout), strip.clientWidth);
      Plotly.newPlot(strip, clone(page.overview.data), layout, config);
      strip.on("plotly_click", (event) => {
        const at = Date.parse(String(event.points[0].x).slice(0, 10) + "T00:00Z");
        show((at - midnight) / DAY - Math.floor(seen.days / 2));
      });
    }
    all("[data-heat]").forEach(pointing);
    const jumps = page.figures.dispatch ? page.figures.dispatch.window.jumps : [];
    const critical = jumps.find((jump) => jump.name === "critical") || jumps[0];
    show(critical ? critical.day : 0, 7);
  }

  /* Data of a chart as CSV, made here from what the page holds. */
  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = String(value);
    const bare = /^[=+\-@\t]/.test(text) ? "'" + text : text;
    return /[",\n]/.test(bare) ? '"' + bare.replace(/"/g, '""') + '"' : bare;
  }

  function csv(key) {
    const spec = page.figures[key];
    if (spec.table) return lines([spec.table.head].concat(spec.table.rows));
    if (spec.pick) return picked(spec.pick);
    const traces = spec.data.filter((t) => t.csv);
    const hourly = traces.some((t) => t.series !== undefined);
    if (traces.some((t) => t.sorted)) return falls(traces);
    let index, head;
    if (spec.categories) { index = spec.categories; head = spec.category_title; }
    else if (hourly) { index = Array.from({ length: hours.count }, (_, i) => stamp(i)); head = words.time; }
    else { index = traces[0].x; head = words.time; }
    const columns = traces.map((t) => (t.series !== undefined ? values(t) : spec.categories ? t.x : t.y));
    const rows = Array.from(index, (at, i) => [at].concat(columns.map((c) => c[i])));
    return lines([[head].concat(traces.map((t) => t.csv))].concat(rows));
  }

  /* Columns of the cases of a study: those named, or all. */
  function picked(keys) {
    const chosen = page.cases.columns.filter((column) => !keys.length || keys.includes(column.key));
    const rows = chosen[0].values.map((_, i) => chosen.map((column) => column.values[i]));
    return lines([chosen.map((column) => column.head)].concat(rows));
  }

  function falls(traces) {
    const sides = traces.map((t) => { const y = values(t); return { y, sorted: order(y) }; });
    const head = [words.rank].concat(...traces.map((t) => [t.csv, words.time]));
    const rows = sides[0].y.map((_, k) =>
      [(k + 1) * hours.step_minutes / 60].concat(...sides.map((s) => [s.y[s.sorted[k]], stamp(s.sorted[k])])));
    return lines([head].concat(rows));
  }

  const lines = (rows) => "\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

  function download(name, text, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: type + ";charset=utf-8" }));
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /* Paper: everything open, charts as wide as an A4 page between its margins. */
  const A4 = 688;
  let closed = [];
  function beforePrint() {
    closed = all("details:not([open]):not(.file)");
    closed.forEach((d) => { d.open = true; });
    all(".plot").forEach((div) => { if (div.data) Plotly.relayout(div, { width: A4, autosize: false }); });
    all("[data-paper]").forEach((div) => {
      const spec = clone(page.figures.dispatch);
      const first = Number(div.dataset.paper) * spec.window.per_day;
      Object.assign(spec.layout, { width: A4, height: 410 });
      draw(div, spec, first, Math.min(hours.count, first + spec.window.points));
    });
  }
  function afterPrint() {
    closed.forEach((d) => { d.open = false; });
    all("[data-paper]").forEach((div) => Plotly.purge(div));
    all(".plot").forEach((div) => { if (div.data) Plotly.relayout(div, { width: null, autosize: true }); });
  }

  drawAll();
  all("[data-step]").forEach((b) => b.addEventListener("click", () =>
    show(seen.day + Number(b.dataset.step) * seen.days)));
  all("[data-span]").forEach((b) => b.addEventListener("click", () => span(Number(b.dataset.span))));
  all("[data-day]").forEach((b) => b.addEventListener("click", () => show(Number(b.dataset.day), 7)));
  if (slider) slider.addEventListener("input", () => show(Number(slider.value)));
  all("[data-csv]").forEach((b) => b.addEventListener("click", () =>
    download(page.park + "-" + b.dataset.csv + ".csv", csv(b.dataset.csv), "text/csv")));
  all("[data-file]").forEach((b) => b.addEventListener("click", () =>
    download(b.dataset.file, document.getElementById(b.dataset.from || "park-file").textContent, "application/toml")));
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  window.parksim = { page, filled };
  root.dataset.drawn = String(all(".plot").filter((div) => div.data).length);
})();

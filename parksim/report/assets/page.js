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
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const clone = (value) => JSON.parse(JSON.stringify(value));

  function values(trace) {
    const keys = [].concat(trace.series);
    const arrays = keys.map((key) => hours.series[key]);
    return arrays.length === 1 ? arrays[0] : arrays[0].map((_, i) => arrays.reduce((sum, a) => sum + a[i], 0));
  }

  /* A power is the mean of its step and is drawn as a step; a content belongs to the end of its step. */
  function resolved(trace, first, last) {
    if (trace.series === undefined) return clone(trace);
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
    const layout = narrow(clone(spec.layout), div.clientWidth, spec.brief);
    if (spec.window) layout.xaxis.range = [stamp(first), stamp(last)];
    const data = spec.data.filter((t) => t.visible !== false).map((t) => resolved(t, first, last));
    return Plotly.react(div, data, layout, config);
  }

  /* The week shown: buttons, slider, and the strip of days move it. */
  const plots = {};
  const week = { day: 0 };
  const strip = document.querySelector("[data-overview]");
  const slider = document.querySelector("[data-slider]");
  const shown = document.querySelector("[data-range]");

  function label(day, days) {
    const at = (d) => new Date(start + d * 86400000).toISOString().slice(0, 10);
    const said = (text) => filled(words.day, { date: text, weekday: words.weekdays[new Date(text + "T00:00Z").getUTCDay()] });
    return filled(words.days, { first: said(at(day)), last: said(at(day + days - 1)) });
  }

  function band(day) {
    const at = (d) => new Date(start + d * 86400000 - 43200000).toISOString().slice(0, 16);
    return [{ type: "rect", xref: "x", yref: "paper", x0: at(day), x1: at(day + 7), y0: 0, y1: 1, layer: "above",
      fillcolor: "rgba(11,79,138,0.14)", line: { color: "#0B4F8A", width: 1 } }];
  }

  function show(day) {
    const spec = page.figures.dispatch;
    if (!spec) return;
    const most = slider ? Number(slider.max) : 0;
    week.day = Math.max(0, Math.min(most, Math.round(day)));
    const first = week.day * spec.window.per_day;
    const last = Math.min(hours.count, first + spec.window.points);
    draw(plots.dispatch, spec, first, last);
    if (slider) slider.value = week.day;
    if (shown) shown.textContent = label(week.day, 7);
    if (strip && strip.data) Plotly.relayout(strip, { shapes: band(week.day) });
    all("[data-day]").forEach((b) => b.setAttribute("aria-pressed", String(Number(b.dataset.day) === week.day)));
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
        show((at - Date.parse(hours.first.slice(0, 10) + "T00:00Z")) / 86400000 - 3);
      });
    }
    const jumps = page.figures.dispatch ? page.figures.dispatch.window.jumps : [];
    show(jumps.length ? jumps[0].day : 0);
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
    const traces = spec.data.filter((t) => t.csv);
    const hourly = traces.some((t) => t.series !== undefined);
    let index, head;
    if (spec.categories) { index = spec.categories; head = spec.category_title; }
    else if (hourly) { index = Array.from({ length: hours.count }, (_, i) => stamp(i)); head = words.time; }
    else { index = traces[0].x; head = words.time; }
    const columns = traces.map((t) => (t.series !== undefined ? values(t) : spec.categories ? t.x : t.y));
    const lines = [[head].concat(traces.map((t) => t.csv)).map(cell).join(",")];
    index.forEach((at, i) => lines.push([at].concat(columns.map((c) => c[i])).map(cell).join(",")));
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }

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
  }
  function afterPrint() {
    closed.forEach((d) => { d.open = false; });
    all(".plot").forEach((div) => { if (div.data) Plotly.relayout(div, { width: null, autosize: true }); });
  }

  drawAll();
  all("[data-step]").forEach((b) => b.addEventListener("click", () => show(week.day + Number(b.dataset.step))));
  all("[data-day]").forEach((b) => b.addEventListener("click", () => show(Number(b.dataset.day))));
  if (slider) slider.addEventListener("input", () => show(Number(slider.value)));
  all("[data-csv]").forEach((b) => b.addEventListener("click", () =>
    download(page.park + "-" + b.dataset.csv + ".csv", csv(b.dataset.csv), "text/csv")));
  all("[data-file]").forEach((b) => b.addEventListener("click", () =>
    download(b.dataset.file, document.getElementById("park-file").textContent, "application/toml")));
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  root.dataset.drawn = String(all(".plot").filter((div) => div.data).length);
})();

"use strict";
(function () {
  const { page, filled } = window.parksim;
  const cases = page.cases;
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const columns = new Map(cases.columns.map((column) => [column.key, column]));
  const numbers = (key) => columns.get(key).places || columns.get(key).values;
  const admitted = columns.get("admitted").values;
  const count = cases.labels.length;
  const chooser = document.querySelector("[data-choose]");
  const state = { figure: chooser ? chooser.value : "", brushes: {}, admitted: false, text: "", sort: "", down: false, page: 0 };

  /* One figure for all charts that can show several. */
  function choose(name) {
    state.figure = name;
    all("[data-choose]").forEach((select) => { select.value = name; });
    all("[data-variant]").forEach((block) => { block.hidden = block.dataset.variant !== name; });
    draw();
  }

  /* Cases that lie inside every brush. */
  function inside(i) {
    return Object.keys(state.brushes).every((key) => {
      const value = numbers(key)[i];
      return value !== null && value >= state.brushes[key][0] && value <= state.brushes[key][1];
    });
  }

  /* Parallel coordinates: axes side by side, or one below the other where there is little room. */
  const face = document.querySelector("[data-parallel]");
  const NARROW = 700, A4 = 688, MOST_FIGURES = 6;
  const SVG = "http://www.w3.org/2000/svg";
  const shape = (name, attributes, parent) => {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (parent) parent.appendChild(made);
    return made;
  };
  const stops = cases.colours.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  function colour(part) {
    const along = Math.max(0, Math.min(1, part)) * (stops.length - 1);
    const low = Math.min(Math.floor(along), stops.length - 2);
    return "rgb(" + stops[low].map((c, k) => Math.round(c + (stops[low + 1][k] - c) * (along - low))).join(",") + ")";
  }
  const shade = (line, value) => (value - line.colour[0]) / (line.colour[1] - line.colour[0] || 1);
  const drawnLines = () => {
    const chosen = cases.figures.filter((line, k) => k < MOST_FIGURES || line.key === state.figure);
    return cases.axes.concat(chosen);
  };

  let paths = [];
  function draw(forced) {
    if (!face || !count) return;
    const wide = forced || face.clientWidth;
    const down = !forced && wide < NARROW;
    const lines = drawnLines();
    face.replaceChildren();
    const step = down ? 58 : (wide - 24) / lines.length;
    const high = down ? step * lines.length + 10 : 430;
    const svg = shape("svg", { viewBox: "0 0 " + wide + " " + high, width: wide, height: high }, null);
    const top = down ? 0 : 84, bottom = high - 14, left = 12, right = wide - 34;
    const span = (line) => line.high - line.low || 1;
    const along = (line, value) => {
      const part = line.high > line.low ? (value - line.low) / span(line) : 0.5;
      return down ? left + part * (right - left) : bottom - part * (bottom - top);
    };
    const across = (k) => (down ? k * step + 34 : 12 + (k + 0.42) * step);
    const cases_ = shape("g", { class: "cases" }, svg);
    const shown = cases.figures.find((line) => line.key === state.figure);
    const ranked = Array.from({ length: count }, (_, i) => i).reverse().sort((a, b) => cases.counted[a] - cases.counted[b]);
    paths = ranked.map((i) => {
      let text = "", pen = "M";
      lines.forEach((line, k) => {
        const value = numbers(line.key)[i];
        if (value === null) { pen = "M"; return; }
        const [x, y] = down ? [along(line, value), across(k)] : [across(k), along(line, value)];
        text += pen + x.toFixed(1) + " " + y.toFixed(1);
        pen = "L";
      });
      const value = shown ? numbers(shown.key)[i] : null;
      const stroke = cases.counted[i] && value !== null ? colour(shade(shown, value)) : "#C4C7CC";
      const path = shape("path", { d: text, stroke, class: cases.counted[i] ? "yes" : "no" }, cases_);
      shape("title", {}, path).textContent = cases.labels[i];
      if (cases.links[i]) path.addEventListener("click", () => { window.location = cases.links[i]; });
      return [i, path];
    });
    lines.forEach((line, k) => axis(svg, line, across(k), { down, top, bottom, left, right, step, along }));
    face.appendChild(svg);
    ramp(shown);
    select();
  }

  /* A text as short as its room; a letter takes 6.5 px, a Chinese sign 12. */
  function cut(text, room) {
    let used = 0;
    for (let k = 0; k < text.length; k += 1) {
      used += text.charCodeAt(k) > 0x2e7f ? 12 : 6.5;
      if (used > room) return text.slice(0, Math.max(k - 1, 1)) + "…";
    }
    return text;
  }

  function axis(svg, line, at, room) {
    const { down, top, bottom, left, right, step, along } = room;
    const group = shape("g", { class: line.figure ? "axis figure" : "axis" }, svg);
    const ends = down ? { x1: left, x2: right, y1: at, y2: at } : { x1: at, x2: at, y1: top, y2: bottom };
    shape("line", ends, group);
    let last = -Infinity;
    line.marks.forEach(([value, text], k) => {
      const place = along(line, value);
      const least = down ? 9 + 6.2 * text.length : 13;
      if (k && Math.abs(place - last) < least && k < line.marks.length - 1) return;
      last = place;
      const edge = down && place > right - 30 ? "end" : down && place > left + 20 ? "middle" : "start";
      const spot = down ? { x: edge === "end" ? right + 30 : place, y: at + 15, "text-anchor": edge } : { x: at + 5, y: place + 4 };
      shape("text", spot, group).textContent = down ? text : cut(text, step - 14);
    });
    const title = document.createElement("div");
    title.className = "axis-title" + (line.figure ? " figure" : "") + (down ? " below" : "");
    title.textContent = line.title;
    Object.assign(title.style, down ? { left: left + "px", top: at - 25 + "px" }
      : { left: at - step * 0.42 + 2 + "px", width: step - 6 + "px", bottom: "calc(100% - " + (top - 10) + "px)" });
    title.title = line.title;
    face.appendChild(title);
    brushing(group, line, at, room, svg);
  }

  function brushing(group, line, at, room, svg) {
    const { down, top, bottom, left, right, along } = room;
    const kept = state.brushes[line.key];
    const band = shape("rect", { class: "brush", visibility: kept ? "visible" : "hidden" }, group);
    const place = (low, high) => {
      const [a, b] = [along(line, low), along(line, high)].sort((x, y) => x - y);
      const box = down ? { x: a, width: b - a, y: at - 9, height: 18 } : { x: at - 9, width: 18, y: a, height: b - a };
      Object.entries(box).forEach(([key, value]) => band.setAttribute(key, value));
      band.setAttribute("visibility", "visible");
    };
    if (kept) place(kept[0], kept[1]);
    const hit = shape("rect", down ? { x: left - 8, width: right - left + 16, y: at - 14, height: 28, class: "hit" }
      : { x: at - 14, width: 28, y: top - 8, height: bottom - top + 16, class: "hit" }, group);
    const value = (event) => {
      const box = svg.getBoundingClientRect();
      const part = down ? ((event.clientX - box.left) / box.width * svg.viewBox.baseVal.width - left) / (right - left)
        : (bottom - (event.clientY - box.top) / box.height * svg.viewBox.baseVal.height) / (bottom - top);
      return line.low + Math.max(0, Math.min(1, part)) * (line.high - line.low);
    };
    let from = null, to = null;
    hit.addEventListener("pointerdown", (event) => { from = to = value(event); hit.setPointerCapture(event.pointerId); });
    hit.addEventListener("pointermove", (event) => {
      if (from === null) return;
      to = value(event);
      place(from, to);
    });
    hit.addEventListener("pointerup", () => {
      if (from === null) return;
      const small = Math.abs(along(line, from) - along(line, to)) < 4;
      if (small) { delete state.brushes[line.key]; band.setAttribute("visibility", "hidden"); }
      else state.brushes[line.key] = [Math.min(from, to), Math.max(from, to)];
      from = null;
      state.page = 0;
      select();
    });
    hit.addEventListener("pointercancel", () => { from = null; });
  }

  function ramp(line) {
    const place = document.querySelector("[data-ramp]");
    if (!place || !line) return;
    place.querySelector("[data-low]").textContent = line.ends[0];
    place.querySelector("[data-high]").textContent = line.ends[1];
  }

  function select() {
    let n = 0;
    paths.forEach(([i, path]) => {
      const on = inside(i);
      n += on;
      path.classList.toggle("off", !on);
    });
    const clear = Object.keys(state.brushes).length === 0;
    all("[data-picked]").forEach((out) => { out.textContent = filled(cases.texts.picked, { n, all: count }); });
    all("[data-clear]").forEach((button) => { button.hidden = clear; });
    list();
  }

  /* The ranked table: sorted, filtered, a page at a time. */
  const LENGTH = 25;
  const body = document.querySelector("table.ranked tbody");
  const rows = body ? Array.from(body.rows) : [];
  const words = rows.map((row) => row.textContent.toLowerCase());
  function list() {
    if (!body) return;
    const key = state.sort;
    const order = rows.map((_, k) => k).sort((a, b) => {
      if (!key || key === "rank") return state.down ? b - a : a - b;
      const [x, y] = [numbers(key)[a], numbers(key)[b]];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      const apart = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
      return (state.down ? -apart : apart) || a - b;
    });
    const text = state.text.toLowerCase();
    const found = order.filter((k) =>
      inside(k) && (!state.admitted || admitted[k]) && (!text || words[k].includes(text)));
    const last = Math.max(0, Math.ceil(found.length / LENGTH) - 1);
    state.page = Math.min(state.page, last);
    const first = state.page * LENGTH;
    const now = found.slice(first, first + LENGTH);
    body.replaceChildren(...now.map((k) => rows[k]));
    all("[data-found]").forEach((out) => {
      const values = { first: now.length ? first + 1 : 0, last: first + now.length, n: found.length, all: count };
      out.textContent = filled(cases.texts.page, values);
    });
    all("[data-turn]").forEach((b) => { b.disabled = b.dataset.turn === "-1" ? state.page === 0 : state.page === last; });
    all("th[data-sort]").forEach((th) => {
      const on = th.dataset.sort === (state.sort || "rank");
      if (on) th.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    });
  }

  all("[data-choose]").forEach((element) => element.addEventListener("change", () => choose(element.value)));
  all("th[data-sort] button").forEach((button) => button.addEventListener("click", () => {
    const key = button.parentElement.dataset.sort;
    state.down = (state.sort || "rank") === key && !state.down;
    state.sort = key;
    state.page = 0;
    list();
  }));
  all("[data-turn]").forEach((b) => b.addEventListener("click", () => { state.page += Number(b.dataset.turn); list(); }));
  all("[data-search]").forEach((input) => input.addEventListener("input", () => {
    state.text = input.value;
    state.page = 0;
    list();
  }));
  all("[data-only]").forEach((box) => box.addEventListener("change", () => {
    state.admitted = box.checked;
    state.page = 0;
    list();
  }));
  all("[data-clear]").forEach((b) => b.addEventListener("click", () => { state.brushes = {}; draw(); }));
  all("[data-figure^=front]").forEach((div) => div.on("plotly_click", (event) => {
    const point = event.points[0];
    const link = cases.links[(point.data.cases || [])[point.pointNumber]];
    if (link) window.location = link;
  }));

  draw();
  list();
  let before = face ? face.clientWidth : 0;
  window.addEventListener("resize", () => {
    if (!face || face.clientWidth === before) return;
    before = face.clientWidth;
    draw();
  });
  window.addEventListener("beforeprint", () => draw(A4));
  window.addEventListener("afterprint", () => draw());
})();

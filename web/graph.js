// Makes graphs something to look into: the cursor tells values, dragging zooms in and fetches what is finer there, a double
// click goes back. Where a graph cannot be made so, the drawing of the server stays.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const units = {
  "B": bytes, "B/s": (v) => `${bytes(v)}/s`, "%": (v) => `${short(v)}%`, "s": seconds, "ms": (v) => `${short(v)} ms`,
  "/s": (v) => `${short(v)}/s`, "days": (v) => `${short(v)} days`, "bit/s": (v) => `${short(v / 1e6)} Mbit/s`,
};

function short(v) {
  return String(Number(v.toPrecision(3)));
}

function bytes(v) {
  const names = ["B", "kB", "MB", "GB", "TB", "PB"];
  let i = 0;
  while (Math.abs(v) >= 1024 && i < names.length - 1) { v /= 1024; i++; }
  return `${short(v)} ${names[i]}`;
}

function seconds(v) {
  if (v === 0) return "0 s";
  if (v < 1e-3) return `${short(v * 1e6)} µs`;
  if (v < 1) return `${short(v * 1e3)} ms`;
  if (v < 120) return `${short(v)} s`;
  if (v < 7200) return `${short(v / 60)} min`;
  return v < 172800 ? `${short(v / 3600)} h` : `${short(v / 86400)} days`;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { accent: of("--accent"), soft: of("--soft"), line: of("--line"), failing: of("--failing") };
}

async function fetchData(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

// columns puts a gap where nothing was measured for a while.
function columns(data) {
  const steps = data.times.slice(1).map((t, i) => t - data.times[i]);
  const usual = Math.min(...steps);
  const out = [[], [], [], []];
  data.times.forEach((t, i) => {
    if (i > 0 && steps[i - 1] > 3 * usual) {
      out[0].push(t - usual);
      for (const column of out.slice(1)) column.push(null);
    }
    out[0].push(t);
    data.rows.forEach((row, n) => out[n + 1].push(row[i]));
  });
  return out;
}

// clock says times as short as the width of the graph needs.
function clock(u) {
  const days = (u.scales.x.max - u.scales.x.min) / 86400;
  return (t) => new Date(t * 1000).toLocaleString([], days > 2 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hour12: false });
}

// often is how long a graph stays as it is at least, in milliseconds.
const often = 15000;

async function enliven(figure) {
  let whole = new URL(figure.dataset.graph, location.href);
  let data = await fetchData(whole);
  if (data.times.length < 2) return;
  const drawing = figure.querySelector("svg");
  const say = units[data.unit] ?? short;
  const c = colours();
  const box = document.createElement("div");
  box.className = "plot";
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", drawing.getAttribute("aria-label"));
  // As large as the drawing, so that nothing moves.
  const size = () => {
    const style = getComputedStyle(figure);
    const width = Math.floor(figure.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
    return { width, height: Math.round(width * 170 / 560) };
  };
  const latest = figure.querySelector(".latest");
  const note = figure.querySelector(".note:last-child");
  let calm = [latest.textContent, note.textContent];
  const halves = Array.from({ length: 60 }, (_, i) => 2 ** i); // bytes are read in powers of two
  const axis = { stroke: c.soft, grid: { stroke: c.line, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  const limits = (figure.dataset.limits ?? "").split(" ").filter(Boolean).map(Number);
  let zoomed = false;
  const show = async (from, to) => {
    const url = new URL(whole);
    url.searchParams.set("from", Math.floor(from));
    url.searchParams.set("to", Math.ceil(to));
    const finer = await fetchData(url);
    if (finer.times.length > 1) plot.setData(columns(finer), false);
    plot.setScale("x", { min: from, max: to });
  };
  const options = {
    ...size(), legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false } },
    scales: { y: { range: (_, low, high) => {
      const top = Math.max(high, ...limits.filter((l) => l <= high * 2.5)); // those far away would flatten the line
      return [low > 0 && low < top * 0.6 ? 0 : low, top > low ? top * 1.05 : low + 1];
    } } },
    axes: [{ ...axis, size: 26, grid: { show: false }, values: (u, ticks) => ticks.map(clock(u)) }, { ...axis, size: 64, ...(data.unit.startsWith("B") && { incrs: halves }), values: (_, ticks) => ticks.map((v) => (v === null ? "" : say(v))) }],
    series: [
      {},
      { stroke: c.accent, width: 1.6, points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: `${c.accent}29` }],
    hooks: {
      draw: [(u) => {
        u.ctx.save();
        u.ctx.strokeStyle = c.failing;
        u.ctx.lineWidth = devicePixelRatio;
        u.ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
        for (const limit of limits.filter((l) => l >= u.scales.y.min && l <= u.scales.y.max)) {
          const y = Math.round(u.valToPos(limit, "y", true));
          u.ctx.beginPath();
          u.ctx.moveTo(u.bbox.left, y);
          u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
          u.ctx.stroke();
        }
        u.ctx.restore();
      }],
      setCursor: [(u) => {
        const [times, mean, low, high] = u.data;
        const i = u.cursor.idx;
        const known = i !== null && i !== undefined && mean[i] !== null;
        latest.textContent = known ? say(mean[i]) : calm[0];
        note.textContent = known ? `${new Date(times[i] * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })} · ${say(low[i])} to ${say(high[i])}` : calm[1];
      }],
      setSelect: [(u) => {
        if (u.select.width < 8) return;
        const from = u.posToVal(u.select.left, "x");
        const to = u.posToVal(u.select.left + u.select.width, "x");
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        if (to - from < 120) return;
        zoomed = true;
        show(from, to).catch(() => {});
      }],
    },
  };
  drawing.replaceWith(box);
  const plot = new uPlot(options, columns(data), box);
  const showAll = () => {
    zoomed = false;
    plot.setData(columns(data), false);
    plot.setScale("x", { min: Number(whole.searchParams.get("from")), max: Number(whole.searchParams.get("to")) });
  };
  showAll();
  plot.over.addEventListener("dblclick", () => { if (zoomed) showAll(); });
  // It goes on by itself, unless somebody looks into it just now.
  let renewed = Date.now();
  figure.addEventListener("newer", async (event) => {
    calm = event.detail;
    const looked = plot.cursor.idx !== null && plot.cursor.idx !== undefined;
    if (!looked) [latest.textContent, note.textContent] = calm;
    if (looked || zoomed || Date.now() - renewed < often) return;
    renewed = Date.now();
    const next = new URL(figure.dataset.graph, location.href);
    try {
      const newer = await fetchData(next);
      if (newer.times.length < 2 || zoomed) return;
      [whole, data] = [next, newer];
      showAll();
    } catch { /* the next news bring it */ }
  });
  new ResizeObserver(() => plot.setSize(size())).observe(figure);
}

// Graphs are made when they come into sight, and again when the page has taken over newer ones.
const sight = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((e) => e.isIntersecting)) {
    sight.unobserve(entry.target);
    enliven(entry.target).catch(() => {});
  }
}, { rootMargin: "200px" });
for (const figure of document.querySelectorAll("[data-graph]")) sight.observe(figure);

// Keeps a page up to date while it is open. Every page is whole without this: the server sends news, and what they are
// about is fetched again as the server would show it.

const page = document.body.dataset.live;
const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const say = (text) => { document.getElementById("said").textContent = text; };

// refresh fetches this page again and takes over the parts that differ, those that are new and those that are gone.
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const next = parse(await answer.text());
  document.title = next.title;
  // What is within a part is taken over with it. Parts move from that page to this, so what is beside them is found out before.
  const whole = (part) => !part.parentElement.closest("main [id]");
  const parts = [...next.querySelectorAll("main [id], header nav")].filter(whole).map((part) => [part, beside(part, "previous"), beside(part, "next")]);
  for (const old of [...document.querySelectorAll("main [id]")].filter(whole)) {
    if (!next.getElementById(old.id)) old.remove();
  }
  for (const [part, before, after] of parts) {
    const old = part.id ? document.getElementById(part.id) : document.querySelector("header nav");
    if (!old) {
      if (before) document.getElementById(before)?.after(part);
      else document.getElementById(after)?.before(part);
      continue;
    }
    if (old.outerHTML === part.outerHTML || part.matches("input, select, datalist")) continue;
    if (old.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) continue;
    keepFocus(old, () => { keepOpen(old, part); old.replaceWith(part); });
  }
  graphs(next);
}

// beside is the id of the part before or after one on its level.
function beside(part, way) {
  let other = part[`${way}ElementSibling`];
  while (other && !other.id) other = other[`${way}ElementSibling`];
  return other?.id;
}

// graphs takes over what is newer of each graph, in place: another script may have made more of it, and hears of that.
function graphs(next) {
  const newer = new Map([...next.querySelectorAll("[data-graph]")].map((figure) => [figure.dataset.of, figure]));
  for (const old of document.querySelectorAll("[data-graph]")) {
    const figure = newer.get(old.dataset.of);
    if (!figure) continue;
    old.dataset.graph = figure.dataset.graph;
    const texts = [".latest", ".note:last-child"].map((part) => figure.querySelector(part).textContent);
    const drawing = old.querySelector(":scope > svg");
    if (drawing) {
      drawing.replaceWith(figure.querySelector("svg"));
      [".latest", ".note:last-child"].forEach((part, i) => { old.querySelector(part).textContent = texts[i]; });
    }
    old.dispatchEvent(new CustomEvent("newer", { detail: texts }));
  }
}

// keepFocus has the keyboard be where it was after a part has been replaced.
function keepFocus(old, replace) {
  const href = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  replace();
  if (href) document.querySelector(`main a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
}

function keepOpen(old, part) {
  const was = old.querySelectorAll("details");
  part.querySelectorAll("details").forEach((d, i) => { d.open = was.length === part.querySelectorAll("details").length && was[i].open; });
}

// rows fetches the rows of some services, and moves each to where it belongs.
async function rows(names) {
  const list = document.getElementById("services");
  const known = new Map([...list.children].map((row) => [row.dataset.service, row]));
  const query = new URLSearchParams(location.search);
  names.filter((name) => known.has(name)).forEach((name) => query.append("name", name));
  const answer = await fetch(`/rows?${query}`, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return;
  const next = parse(await answer.text());
  const verdict = document.getElementById("verdict");
  keepFocus(verdict, () => { verdict.innerHTML = next.getElementById("verdict").innerHTML; });
  for (const row of next.querySelectorAll(".service")) {
    const old = known.get(row.dataset.service);
    if (old.dataset.word !== row.dataset.word) say(`${row.dataset.service}: ${row.dataset.word}`);
    row.hidden = old.hidden;
    row.classList.add("fresh");
    keepFocus(old, () => {
      if (old.dataset.rank === row.dataset.rank) return old.replaceWith(row);
      old.remove();
      const after = (other) => Number(other.dataset.rank) - Number(row.dataset.rank) ||
        other.dataset.service.toLowerCase().localeCompare(row.dataset.service.toLowerCase());
      list.insertBefore(row, [...list.children].find((other) => after(other) > 0) ?? null);
    });
  }
  badge(Number(next.querySelector("[data-failing]")?.dataset.failing ?? 0));
}

function badge(failing) {
  document.title = document.title.replace(/^(\(\d+\) )?/, failing ? `(${failing}) ` : "");
  const count = document.getElementById("failing-count");
  if (count) { count.hidden = !failing; count.firstChild.data = String(failing); }
}

// lines has the sparklines that can be seen go on, all of them with one request, and none while nobody looks at the page.
async function lines() {
  if (document.hidden) return;
  const seen = [...document.querySelectorAll("#services > li")].filter((row) => {
    const { top, bottom } = row.querySelector(".spark").getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  if (!seen.length) return;
  const query = new URLSearchParams(seen.slice(0, 100).map((row) => ["name", row.dataset.service]));
  const answer = await fetch(`/sparks?${query}`, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const newer = new Map([...parse(await answer.text()).querySelectorAll("[data-service]")].map((row) => [row.dataset.service, row.firstElementChild]));
  for (const row of document.querySelectorAll("#services > li")) {
    const line = newer.get(row.dataset.service);
    if (line) row.querySelector(".spark").replaceWith(line);
  }
}

// One thing is fetched at a time; news that come meanwhile are taken together.
let busy = false;
let waiting = null;
async function heed(news) {
  waiting = waiting
    ? { all: waiting.all || news.all, services: [...new Set([...(waiting.services ?? []), ...(news.services ?? [])])] }
    : news;
  if (busy) return;
  busy = true;
  while (waiting) {
    const now = waiting;
    waiting = null;
    try {
      if (document.getElementById("services") && !now.all && now.services.length <= 100) await rows(now.services);
      else await refresh();
    } catch { /* the next news, or the next connection, brings it */ }
    await sleep(700);
  }
  busy = false;
}

// listen keeps one connection, and gives the server more and more time when it does not answer.
function listen() {
  const sign = document.getElementById("live");
  let pause = 1000;
  let source;
  let lost = false;
  const connect = () => {
    source = new EventSource(page);
    source.addEventListener("open", () => {
      pause = 1000;
      sign.hidden = false;
      sign.classList.remove("off");
      sign.textContent = "live";
      if (lost) heed({ all: true });
      lost = false;
    });
    source.addEventListener("news", (event) => heed(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      source.close();
      lost = true;
      sign.classList.add("off");
      sign.textContent = "connecting again";
      setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, 60000);
    });
  };
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  connect();
}

// What is typed into the search field of the overview narrows the list at once; the server does it on Enter.
function narrow() {
  const field = document.getElementById("q");
  field?.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of document.querySelectorAll("#services > li")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}

// "/" goes to the search field.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const field = document.getElementById("q");
  if (field) { event.preventDefault(); field.focus(); }
});

// Ages go on by themselves.
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const s = Math.max(0, (Date.now() - Date.parse(time.dateTime)) / 1000);
    time.textContent = s < 60 ? `${Math.floor(s)} s` : s < 3600 ? `${Math.floor(s / 60)} min` : s < 172800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} days`;
  }
}, 15000);

// Lines go on once a minute, and at once when somebody comes back to the page; what fails is drawn the next time.
function draw() {
  const next = () => lines().catch(() => {});
  setInterval(next, 60000);
  document.addEventListener("visibilitychange", next);
}

narrow();
if (page) { listen(); draw(); }

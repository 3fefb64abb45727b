// Keeps the page up to date while it is open, and shows times as they are where its reader is. The page is whole without this.

const from = document.body.dataset.live;
const spoken = document.documentElement.lang;
const lang = navigator.languages.find((one) => one.split("-")[0] === spoken) ?? spoken;

// local shows times in the zone of the reader; what was there before, and UTC, are in the title.
function local(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const time of root.querySelectorAll("time[title]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const full = /\d{4}/.test(time.textContent);
    const look = full ? { dateStyle: "long", timeStyle: "short" } : { timeStyle: "short" };
    time.title = `${time.textContent} · ${time.title}`;
    time.textContent = new Intl.DateTimeFormat(lang, { ...look, timeZone: zone }).format(at);
  }
}

// refresh fetches this page again and takes over the parts that differ.
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-cache" });
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  local(next);
  document.title = next.title;
  const icon = document.querySelector("link[rel=icon]");
  const nextIcon = next.querySelector("link[rel=icon]");
  if (icon && nextIcon && icon.getAttribute("href") !== nextIcon.getAttribute("href")) icon.replaceWith(nextIcon);
  for (const part of next.querySelectorAll("#banner, #now, #systems, #charts, #past, .asof")) {
    const old = document.querySelector(part.id ? `#${part.id}` : ".asof");
    if (!old || old.outerHTML === part.outerHTML || old.contains(document.activeElement)) continue;
    part.querySelectorAll("details[id]").forEach((d) => {
      const was = document.getElementById(d.id);
      if (was) d.open = was.open;
    });
    if (part.id === "banner" && old.textContent !== part.textContent) document.getElementById("said").textContent = part.textContent;
    old.replaceWith(part);
  }
}

let busy = false;
async function heed() {
  if (busy || document.hidden) return;
  busy = true;
  try { await refresh(); } catch { /* the next time brings it */ }
  busy = false;
}

// listen hears of changes at once where it can, and asks each minute anyway.
function listen() {
  let pause = 2000;
  let source;
  const connect = () => {
    source = new EventSource(from);
    source.addEventListener("open", () => { pause = 2000; });
    source.addEventListener("changed", () => setTimeout(heed, Math.random() * 2000));
    source.addEventListener("error", () => {
      source.close();
      setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, 300000);
    });
  };
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  connect();
}

local(document);
if (from !== undefined) {
  setInterval(heed, 60000);
  document.addEventListener("visibilitychange", heed);
  if (from) listen();
}
// A choice counts as soon as it is made; the button is for those without a script.
for (const form of document.querySelectorAll(".preferences")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

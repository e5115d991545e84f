// Progressive enhancement: every page works without this file. It changes nothing that is being read.
"use strict";

const root = document.documentElement;
const language = root.lang || "en";

// Values are names, of zones with "/": allowed in cookies (RFC 6265, 4.1.1), and read by the server as they are.
function cookie(name, value, seconds = 34560000) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}`;
}

function notice(text) {
  if (!text) return;
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("notices").replaceChildren(line);
  setTimeout(() => line.remove(), 8000);
}

// -- what keys and buttons do ----------------------------------------------------------------------------------------

const ITEMS = "[data-item], [role=feed] > article";
let last = null; // the item that had the focus last

function items() {
  return [...document.querySelectorAll(ITEMS)].filter((one) => one.offsetParent !== null);
}

function current() {
  const item = document.activeElement?.closest(ITEMS);
  return item || (last && document.contains(last) ? last : null);
}

// Actions return false if there was nothing to do.
function move(step) {
  const all = items();
  if (!all.length) return false;
  const here = all.indexOf(current());
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)];
  if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  next.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  return true;
}

// The button or link of an item that does `act`; without an item, that of the page.
function press(act) {
  const item = current();
  const found = (item && item.querySelector(`[data-act="${act}"]`)) || (!item && document.querySelector(`main [data-act="${act}"]`))
    || (item && items().length < 2 && document.querySelector(`main [data-act="${act}"]`));
  if (found) found.click();
  return Boolean(found);
}

const ACTIONS = {
  next: () => move(1),
  previous: () => move(-1),
  open: () => {
    if (press("open")) return true;
    const link = current()?.querySelector("h2 a, h3 a, a");
    link?.click();
    return Boolean(link);
  },
  find: () => {
    const field = document.getElementById("find") || document.querySelector("main input[type=search]");
    field?.focus();
    field?.select();
    return Boolean(field);
  },
  help: () => { const help = document.getElementById("keys-help"); if (help.open) help.close(); else help.showModal(); },
  close: () => {
    const open = document.querySelector("dialog[open]");
    if (open) return open.close();
    const details = document.activeElement?.closest("details[open]");
    if (details) { details.open = false; details.querySelector("summary").focus(); return; }
    document.activeElement?.blur();
  },
  theme: () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const shown = root.dataset.theme === "auto" ? (dark ? "dark" : "light") : root.dataset.theme;
    root.dataset.theme = shown === "dark" ? "light" : "dark";
    cookie("theme", root.dataset.theme);
  },
  keys: (button) => {
    root.dataset.keys = root.dataset.keys === "off" ? "on" : "off";
    cookie("keys", root.dataset.keys);
    if (button) button.setAttribute("aria-pressed", String(root.dataset.keys === "on"));
  },
  top: () => { window.scrollTo(0, 0); document.getElementById("main").focus({ preventScroll: true }); },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && ACTIONS[button.dataset.do]) ACTIONS[button.dataset.do](button);
  const copied = event.target.closest("[data-copy]");
  if (copied) navigator.clipboard?.writeText(copied.dataset.copy).then(() => notice(copied.dataset.done));
});
for (const button of document.querySelectorAll("[data-do]")) button.hidden = !ACTIONS[button.dataset.do];
document.addEventListener("focusin", (event) => { last = event.target.closest(ITEMS) || last; });

// A form whose button says what it would do asks first.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
  if (!event.defaultPrevented) event.submitter?.classList.add("waits"); // until the next page is there
});
addEventListener("pageshow", () => document.querySelectorAll(".waits").forEach((one) => one.classList.remove("waits")));
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// -- keys: the table is in the help (console/keys.py) -----------------------------------------------------------------

const KEYS = new Map([...document.querySelectorAll("#keys-help [data-key]")].map((one) => [one.dataset.key, one.dataset]));
const SECTIONS = new Map([...document.querySelectorAll(".sections a[data-key]")].map((one) => [one.dataset.key, one.href]));
let going = 0; // until when a letter after `g` is a section

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.altKey) {
    event.preventDefault();
    return run(KEYS.get("/"));
  }
  if (feedKeys(event)) return;
  if (event.key === "Escape") { if (!document.querySelector("dialog[open]")) ACTIONS.close(); return; }
  if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  const key = event.key.length === 1 ? event.key : "";
  if (Date.now() < going) {
    going = 0;
    if (key === "g") { event.preventDefault(); return ACTIONS.top(); }
    if (SECTIONS.has(key)) { event.preventDefault(); location.assign(SECTIONS.get(key)); }
    else if (key) notice(document.getElementById("keys-help").dataset.missing);
    return;
  }
  if (key === "g") { going = Date.now() + 1500; return; }
  if (!KEYS.has(key)) return;
  event.preventDefault();
  run(KEYS.get(key));
});

// Does what a key is for, or says that there is nothing to do it with.
function run({ action, missing }) {
  const done = ACTIONS[action] ? ACTIONS[action]() : press(action);
  if (done === false) notice(missing);
}

// -- the feed pattern: https://www.w3.org/WAI/ARIA/apg/patterns/feed/ --------------------------------------------------

function feedKeys(event) {
  const feed = event.target.closest?.("[role=feed]");
  if (!feed || isTyping(event.target)) return false;
  if (event.key === "PageDown" || event.key === "PageUp") {
    event.preventDefault();
    move(event.key === "PageDown" ? 1 : -1);
    return true;
  }
  if (event.ctrlKey && (event.key === "Home" || event.key === "End")) {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")]
      .filter((one) => one.offsetParent !== null && !feed.contains(one));
    const place = event.key === "End" ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
    const outside = all.filter((one) => feed.compareDocumentPosition(one) & place);
    const goal = event.key === "End" ? outside[0] : outside.at(-1);
    if (goal) { event.preventDefault(); goal.focus(); }
    return true;
  }
  return false;
}

// Who uses the keyboard goes on where they were: what had the focus is often replaced by what it asked for.
let lost = null; // the act of the control that had the focus and is replaced; "" if it has none
document.addEventListener("htmx:beforeSwap", (event) => {
  const here = document.activeElement;
  lost = event.detail.shouldSwap && event.detail.target.contains(here) ? here.dataset.act || "" : null;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const place = event.target;
  const answer = place.closest("[data-answer]");
  if (lost === null && !answer) return;
  const goal = (lost && place.querySelector(`[data-act="${lost}"]`)) || answer || place;
  if (!goal.matches("a, button, [tabindex]")) goal.tabIndex = -1;
  goal.focus();
  lost = null;
});

document.addEventListener("htmx:beforeRequest", (event) => event.target.closest("[role=feed]")?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterSettle", () => {
  for (const feed of document.querySelectorAll("[role=feed][aria-busy=true]")) feed.setAttribute("aria-busy", "false");
  localTimes();
});
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const xhr = event.detail?.xhr;
    const out = xhr?.status === 401; // the page stays, with what was written on it
    const page = new DOMParser().parseFromString(xhr?.responseText || "", "text/html");
    notice(out ? document.body.dataset.out : page.querySelector(".detail")?.textContent || document.body.dataset.failed);
  });
}

// -- times -----------------------------------------------------------------------------------------------------------

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) || STEPS.at(-1);
  return new Intl.RelativeTimeFormat(language, { style: "short", numeric: "always" }).format(Math.round(seconds / size), unit);
}

// Until a reader chooses another zone, times are in that of the browser; the server learns it with the next page.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const foreign = root.dataset.zoneKnown === "no" && zone && zone !== root.dataset.zone;
if (root.dataset.zoneKnown === "no" && zone) cookie("zone", zone, 86400);

function localTimes() {
  if (!foreign) return;
  const form = { year: "numeric", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  const short = new Intl.DateTimeFormat(language, form);
  const parts = (moment) => Object.fromEntries(short.formatToParts(moment).map((part) => [part.type, part.value]));
  const thisYear = parts(new Date()).year;
  for (const time of document.querySelectorAll("time[data-time]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    if (time.dataset.time === "moment") { // as the server writes it
      const { year, month, day, hour, minute } = parts(moment);
      time.textContent = `${day} ${month}${year === thisYear ? "" : ` ${year}`}, ${hour}:${minute}`;
    }
    time.title = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long", timeZone: zone }).format(moment);
  }
}
localTimes();
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-time=ago]")) time.textContent = ago(new Date(time.dateTime));
}, 60000);

// -- live updates: a bar says how much is new; nothing that is read moves ------------------------------------------------

function follow(place) {
  const query = new URLSearchParams(place.dataset.liveQuery || "");
  query.set("of", place.dataset.live);
  query.set("made", place.dataset.made);
  let source = null;
  let seen = "";
  let again = 0; // the timer after which a console that refused is asked again
  let away = 0; // the timer after which it is said that the console is away
  const start = () => {
    clearTimeout(again);
    if (source || document.hidden) return;
    if (seen) query.set("seen", seen);
    source = new EventSource(`/live?${query}`);
    source.addEventListener("news", (event) => { seen = event.lastEventId; show(place, JSON.parse(event.data)); });
    source.addEventListener("trouble", (event) => { const { why, lang } = JSON.parse(event.data); trouble(place, Boolean(why), why, lang); });
    source.addEventListener("open", () => { clearTimeout(away); away = 0; trouble(place, false); });
    source.addEventListener("error", () => {
      away ||= setTimeout(() => trouble(place, true), 4000); // shorter ones are no matter
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again
      source = null;
      again = setTimeout(start, 5000); // after an answer such as 503, it does not
    });
  };
  // Browsers open few connections to a host: a page in the background needs none.
  const stop = () => { source?.close(); source = null; clearTimeout(again); clearTimeout(away); away = 0; };
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
  start();
}

// Says that nothing new comes, and why. Without a reason, it is the console that does not answer.
function trouble(place, on, why = "", lang = "") {
  const note = place.querySelector("[data-trouble]");
  if (!note) return;
  const [text, reason] = [note.querySelector("[data-text]"), note.querySelector("[data-why]")];
  note.hidden = !on;
  text.textContent = on ? text.dataset.text : "";
  reason.textContent = on ? why || reason.dataset.away : "";
  reason.lang = lang || language;
}

function show(place, news) {
  place.dispatchEvent(new CustomEvent("news", { bubbles: true, detail: news }));
  const bar = place.querySelector("[data-news]");
  if (bar && news.new) {
    const many = `${news.more ? "≥ " : ""}${news.new.toLocaleString(language)}`;
    bar.textContent = (news.new === 1 ? bar.dataset.one : bar.dataset.many).replace("%n", many);
    bar.hidden = false;
    const said = place.querySelector("[data-said]"); // to who hears pages: not with every article
    if (said && Date.now() - (place.told || 0) > 30000) { said.textContent = bar.textContent; place.told = Date.now(); }
  }
  for (const id of news.stories) {
    const card = document.querySelector(`[data-story="${CSS.escape(id)}"]`);
    const mark = card?.querySelector("[data-updated]");
    if (mark) mark.hidden = false;
  }
}

for (const place of document.querySelectorAll("[data-live]")) follow(place);

// -- a page that says that something is unavailable is there again with it ------------------------------------------

const broken = document.querySelector("[data-again]");
if (broken) {
  broken.hidden = false;
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer && answer.status !== 503) location.reload();
  }, 5000);
}

// The three parts of the editor: beside one another where there is room, as tabs where there is not; and the panels
// beside the text, which fold. Without this they follow one another, open.

// --- Tabs on a narrow screen ---

const frame = document.querySelector("[data-parts]");
const list = frame?.querySelector("[data-parts-tabs]");
const tabs = list ? [...list.querySelectorAll("[role=tab]")] : [];
const parts = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
const narrow = window.matchMedia("(max-width: 61.99rem)");
const roles = parts.map((part) => part.getAttribute("role"));
let chosen = tabs.find((tab) => tab.getAttribute("aria-selected") === "true");

function select(tab) {
  chosen = tab;
  tabs.forEach((other, place) => {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    parts[place].hidden = narrow.matches && other !== tab;
  });
}

function settle() {
  list.hidden = !narrow.matches;
  parts.forEach((part, place) => {
    if (narrow.matches) {
      part.setAttribute("role", "tabpanel");
      part.setAttribute("aria-labelledby", tabs[place].id);
    } else {
      if (roles[place]) part.setAttribute("role", roles[place]);
      else part.removeAttribute("role");
      part.removeAttribute("aria-labelledby");
    }
  });
  select(chosen);
}

// The part comes into sight, whichever way it is shown.
export function showPart(id) {
  const place = parts.findIndex((part) => part.id === id);
  if (place < 0) return null;
  if (narrow.matches) select(tabs[place]);
  return parts[place];
}

function followHash() {
  const { hash } = window.location;
  const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  const part = target && parts.find((one) => one.contains(target));
  if (part) showPart(part.id);
}

if (list) {
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) select(tab);
  });
  list.addEventListener("keydown", (event) => {
    const now = tabs.indexOf(document.activeElement);
    const places = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: -1 };
    if (!(event.key in places)) return;
    event.preventDefault();
    const tab = tabs.at(places[event.key] % tabs.length);
    select(tab);
    tab.focus();
  });
  narrow.addEventListener("change", settle);
  window.addEventListener("hashchange", followHash);
  settle();
  followHash();
}

// --- Panels that fold ---

const aside = document.getElementById("part-aside");
const KEY = "folded-panels";

function foldedPanels() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY)) || []);
  } catch {
    return new Set();
  }
}

function fold(panel, closed) {
  panel.classList.toggle("fc-panel--folded", closed);
  panel.querySelector(":scope > h2 > button").setAttribute("aria-expanded", String(!closed));
}

function remember(name, closed) {
  const all = foldedPanels();
  if (closed) all.add(name);
  else all.delete(name);
  try {
    localStorage.setItem(KEY, JSON.stringify([...all]));
  } catch {
    // not allowed: then it is not remembered
  }
}

function startPanels({ open = false } = {}) {
  const closed = foldedPanels();
  for (const panel of aside.querySelectorAll(":scope > .fc-panel")) {
    const heading = panel.querySelector(":scope > h2");
    if (!heading || heading.querySelector(":scope > button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fc-panel__fold";
    button.append(...heading.childNodes);
    heading.append(button);
    const isClosed = !open && closed.has(heading.id) && `#${panel.id}` !== window.location.hash;
    fold(panel, isClosed);
    button.addEventListener("click", () => {
      const now = button.getAttribute("aria-expanded") === "true";
      fold(panel, now);
      remember(heading.id, now);
    });
  }
}

if (aside) {
  startPanels();
  document.body.addEventListener("htmx:afterSettle", () => startPanels({ open: true }));
  // Somebody wants to write a note: its panel is open before the form is looked for.
  document.addEventListener(
    "fc:note",
    () => {
      const panel = aside.querySelector("[data-notes]");
      if (panel?.classList.contains("fc-panel--folded")) fold(panel, false);
    },
    { capture: true },
  );
}

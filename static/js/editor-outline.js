// The outline beside a text: its menu, folding of chapters, keys, dragging, and staying where it was.
// Every change is also possible on the page to which the rows' buttons lead.
import { announce } from "./toasts.js";

const column = document.querySelector(".fc-editor__outline");
const panel = () => document.getElementById("outline");
const menu = document.getElementById("outline-menu");
const dialog = document.getElementById("outline-dialog");

const rowOf = (element) => element?.closest("li[data-row]") || null;
const linkOf = (row) => row?.querySelector("[data-row-link]");
const moreOf = (row) => row?.querySelector("[data-row-menu]");
const find = (key) => panel().querySelector(`li[data-row="${CSS.escape(key)}"]`);
const titleOf = (row) => linkOf(row).textContent.replace(/\s+/g, " ").trim();
const storageKey = (name) => `${name}:${panel().dataset.document}`;

// What was typed is saved before the text itself is cut, joined or left: listeners put their promise into `wait`.
export async function flushed() {
  const wait = [];
  document.dispatchEvent(new CustomEvent("fc:flush", { detail: { wait } }));
  try {
    await Promise.race([Promise.all(wait), new Promise((resolve) => setTimeout(resolve, 5000))]);
  } catch {
    // the text says by itself that it could not be saved
  }
}

// --- Folding ---

function read(storage, name, otherwise) {
  try {
    return JSON.parse(storage.getItem(storageKey(name))) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(storage, name, value) {
  try {
    storage.setItem(storageKey(name), JSON.stringify(value));
  } catch {
    // not allowed: then it is not remembered
  }
}

function fold(row, closed) {
  const below = row.querySelector(":scope > ol");
  const button = row.querySelector(":scope > .fc-outline__row > .fc-outline__fold");
  if (!below || !button) return;
  below.hidden = closed;
  button.setAttribute("aria-expanded", String(!closed));
}

function remember() {
  const closed = [...panel().querySelectorAll("li[data-row]")]
    .filter((row) => row.querySelector(":scope > ol[hidden]"))
    .map((row) => row.dataset.row);
  write(localStorage, "folded", closed);
}

function startFolding() {
  const closed = new Set(read(localStorage, "folded", []));
  for (const below of panel().querySelectorAll("li[data-row] > ol")) {
    const row = below.parentElement;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fc-outline__fold";
    button.setAttribute("aria-controls", below.id);
    button.setAttribute("aria-label", `${panel().dataset.foldLabel}: ${titleOf(row)}`);
    row.querySelector(".fc-outline__row").prepend(button);
    fold(row, closed.has(row.dataset.row) && !below.querySelector("[aria-current]"));
  }
}

function reveal(row) {
  for (let above = rowOf(row.parentElement); above; above = rowOf(above.parentElement)) fold(above, false);
}

// --- Changing ---

const urlOf = (row, action) => `${linkOf(row).getAttribute("href")}${action}/`;
async function fetched(verb, url, options) {
  try {
    await window.htmx.ajax(verb, url, options);
  } catch {
    // swaps.js has said it
  }
}

async function change(url, values = {}) {
  await flushed();
  const sent = { beside: panel().dataset.at, ...values };
  await fetched("POST", url, { target: "#outline", swap: "outerHTML settle:0ms", values: sent });
}

let asker = "";

async function ask(row, action) {
  await flushed();
  asker = row.dataset.row;
  const place = { target: "#outline-dialog-body", swap: "innerHTML settle:0ms" };
  await fetched("GET", urlOf(row, action), place);
  if (!document.getElementById("outline-dialog-body").childElementCount) return;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input:not([type=hidden]), button")?.focus();
}

const FORMS = new Set(["rename", "add-after", "add-below", "split", "join"]);

function act(row, action) {
  if (FORMS.has(action)) return ask(row, action);
  return change(urlOf(row, action));
}

dialog?.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "post") event.detail.parameters.beside = panel().dataset.at;
});
dialog?.addEventListener("close", () => {
  document.getElementById("outline-dialog-body").replaceChildren();
  linkOf(find(asker))?.focus();
});

// --- The menu of a row ---

let opener = null;
const items = () => [...menu.querySelectorAll("[role=menuitem]:not([hidden])")];

function closeMenu({ back = true } = {}) {
  if (!opener) return;
  menu.hidePopover();
  opener.setAttribute("aria-expanded", "false");
  if (back) opener.focus();
  opener = null;
}

function openMenu(button, last = false) {
  closeMenu({ back: false });
  opener = button;
  const can = new Set(button.dataset.can.split(" "));
  for (const item of menu.querySelectorAll("[data-needs]")) item.hidden = !can.has(item.dataset.needs);
  menu.showPopover();
  const place = button.getBoundingClientRect();
  const { offsetHeight: height, offsetWidth: width } = menu;
  const below = place.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below + height > window.innerHeight ? Math.max(8, place.top - height - 4) : below}px`;
  button.setAttribute("aria-expanded", "true");
  items().at(last ? -1 : 0).focus();
}

function startMenuButtons() {
  for (const button of panel().querySelectorAll("[data-row-menu]")) {
    button.setAttribute("role", "button");
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
  }
}

menu?.addEventListener("keydown", (event) => {
  const all = items();
  const now = all.indexOf(document.activeElement);
  const places = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 };
  if (event.key in places) all.at(places[event.key] % all.length).focus();
  else if (event.key === "Escape") closeMenu();
  else if (event.key === "Tab") return closeMenu();
  else return undefined;
  event.preventDefault();
  event.stopPropagation();
  return undefined;
});
menu?.addEventListener("click", (event) => {
  const item = event.target.closest("[role=menuitem]");
  if (!item) return;
  const row = rowOf(opener);
  closeMenu();
  act(row, item.dataset.do);
});
document.addEventListener("pointerdown", (event) => {
  if (opener && !menu.contains(event.target) && !opener.contains(event.target)) closeMenu({ back: false });
});
column?.addEventListener("scroll", () => closeMenu({ back: false }));
window.addEventListener("resize", () => closeMenu({ back: false }));

column?.addEventListener("click", (event) => {
  const folding = event.target.closest(".fc-outline__fold");
  if (folding) {
    fold(rowOf(folding), folding.getAttribute("aria-expanded") === "true");
    remember();
    return;
  }
  const button = event.target.closest("[data-row-menu]");
  if (!button || !menu) return;
  event.preventDefault();
  if (opener === button) closeMenu();
  else openMenu(button);
});

// --- Keys ---

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

function step(from, by) {
  const links = [...panel().querySelectorAll("[data-row-link]")].filter((link) => link.offsetParent);
  links[links.indexOf(from) + by]?.focus();
}

column?.addEventListener("keydown", (event) => {
  const row = rowOf(event.target);
  if (!row || event.ctrlKey || event.metaKey) return;
  if (event.altKey && event.shiftKey && event.key in MOVES) {
    event.preventDefault();
    const action = MOVES[event.key];
    const can = moreOf(row)?.dataset.can.split(" ") || [];
    if (can.includes(action)) act(row, action);
    return;
  }
  if (event.altKey || event.shiftKey) return;
  const button = event.target.closest("[data-row-menu]");
  if (button && menu && [" ", "ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    openMenu(button, event.key === "ArrowUp");
    return;
  }
  if (!event.target.matches("[data-row-link]")) return;
  if (event.key === "ArrowDown") step(event.target, 1);
  else if (event.key === "ArrowUp") step(event.target, -1);
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    fold(row, event.key === "ArrowLeft");
    remember();
  } else return;
  event.preventDefault();
});

// --- Dragging, as an extra ---

let dragged = null;

function markDrop(row, where) {
  for (const marked of panel().querySelectorAll("[data-drop]")) delete marked.dataset.drop;
  if (row) row.dataset.drop = where;
}

function dropPlace(event) {
  const row = rowOf(event.target);
  if (!dragged || !row || dragged.contains(row)) return null;
  const box = row.querySelector(".fc-outline__row").getBoundingClientRect();
  const part = (event.clientY - box.top) / box.height;
  const can = moreOf(row)?.dataset.can.split(" ") || [];
  if (part > 0.3 && part < 0.7 && can.includes("below")) return [row, "below"];
  return [row, part < 0.5 ? "before" : "after"];
}

column?.addEventListener("dragstart", (event) => {
  dragged = panel().dataset.movable ? rowOf(event.target) : null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", titleOf(dragged));
});
column?.addEventListener("dragover", (event) => {
  const place = dropPlace(event);
  markDrop(...(place || [null]));
  if (place) event.preventDefault();
});
column?.addEventListener("drop", (event) => {
  const place = dropPlace(event);
  if (!place) return;
  event.preventDefault();
  const [row, where] = place;
  change(urlOf(dragged, "move"), { target: row.dataset.row, where });
});
column?.addEventListener("dragend", () => {
  markDrop(null);
  dragged = null;
});

// --- After a change ---

let told = null;

function say({ said, tone, undo, undoLabel }) {
  if (!said) return;
  told?.remove(); // of several moves the last one counts
  announce(said, tone);
  const toast = document.querySelector(".fc-toasts--floating .fc-toast:last-of-type");
  told = toast;
  if (!undo || !toast) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-sm";
  button.textContent = undoLabel;
  button.addEventListener("click", () => {
    toast.remove();
    change(undo);
  });
  toast.querySelector("p").after(button);
}

// The page's own heading follows what the outline says.
function followHeading() {
  const current = panel().querySelector("[aria-current]");
  const heading = document.querySelector(".fc-page-header h1");
  if (!current || !heading) return;
  const number = document.createElement("span");
  number.className = "fc-document__number";
  number.textContent = current.querySelector(".fc-outline__number")?.textContent || "";
  heading.replaceChildren(number, ` ${current.querySelector("[data-row-title]").textContent}`);
}

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "outline" && event.detail.elt?.id !== "outline") return;
  const { dataset } = panel();
  if (dialog?.open) {
    asker = dataset.focusRow || asker;
    dialog.close();
  }
  start();
  const row = dataset.focusRow ? find(dataset.focusRow) : null;
  if (row) {
    reveal(row);
    linkOf(row).focus();
    row.querySelector(".fc-outline__row").scrollIntoView({ block: "nearest" });
  }
  followHeading();
  say(dataset);
});

function start() {
  startFolding();
  startMenuButtons();
}

if (panel() && column) {
  start();
  // Where it scrolls by itself it stays where it was, and the section that is open is in sight.
  const current = panel().querySelector("[aria-current]");
  column.scrollTop = read(sessionStorage, "outline-scroll", 0);
  if (current && column.scrollHeight > column.clientHeight) {
    const offset = current.getBoundingClientRect().top - column.getBoundingClientRect().top;
    if (offset < 0 || offset > column.clientHeight - 40) column.scrollTop += offset - column.clientHeight / 3;
  }
  window.addEventListener("pagehide", () => write(sessionStorage, "outline-scroll", column.scrollTop));
}

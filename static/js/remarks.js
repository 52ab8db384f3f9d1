// The answer desk: keys through the list and from remark to remark, choosing several, ready texts for a reason.
// Everything here has another way without it. Keys without Ctrl can be turned off.
import { announce } from "./toasts.js";

const KEY = "single-key-shortcuts";
const dialog = document.getElementById("remark-keys");
const switchBox = document.getElementById("remark-keys-on");

function keysAreOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return switchBox?.checked ?? true;
  }
}

if (switchBox) {
  switchBox.checked = keysAreOn();
  switchBox.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, switchBox.checked ? "on" : "off");
    } catch {
      // not allowed: then it holds for this page alone
    }
  });
}

const isWriting = (target) =>
  Boolean(target.closest?.("textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio])"));

// --- Choosing several ---

const boxes = () => [...document.querySelectorAll("input[name=remark][form=bulk]")];

function tell() {
  const form = document.getElementById("bulk");
  if (!form) return;
  const chosen = boxes().filter((box) => box.checked).length;
  const all = form.querySelector("#choose-all");
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
  const words = chosen === 1 ? form.dataset.one : form.dataset.many.replace("{count}", chosen);
  form.querySelector("[data-count]").textContent = chosen ? words : "";
}

document.addEventListener("change", (event) => {
  if (event.target.id === "choose-all") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.id === "choose-all" || event.target.form?.id === "bulk") tell();
});

// --- Keys in the list: only while something in it has the focus ---

const rows = () => [...document.querySelectorAll("[data-remark]")];

function go(row) {
  if (!row) return;
  const link = row.querySelector("[data-open]");
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

function neighbour(rel) {
  return document.querySelector(`nav.fc-pages a[rel=${rel}]`);
}

function inList(event, row) {
  const all = rows();
  const place = all.indexOf(row);
  const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key in moves) {
    const next = all[place + moves[key]];
    if (next) go(next);
    else neighbour(moves[key] > 0 ? "next" : "prev")?.focus();
    return true;
  }
  if (key === "x") {
    const box = row.querySelector("input[name=remark]");
    box.checked = !box.checked;
    tell();
    return true;
  }
  if (key === "a") {
    if (boxes().some((box) => box.checked)) document.getElementById("bulk").requestSubmit();
    else window.location.assign(`${row.querySelector("[data-open]").href}#answer`);
    return true;
  }
  return false;
}

// --- Keys on the page of one remark ---

function toAnswer() {
  const part = document.getElementById("answer");
  const form = part.querySelector("[data-answer]");
  form.open = true;
  (form.querySelector("input[type=radio]:checked") || form.querySelector("input[type=radio]"))?.focus();
}

function onPage(event) {
  const page = document.getElementById("remark");
  if (!page) return false;
  const key = event.key.toLowerCase();
  const links = { j: "a[rel=next]", k: "a[rel=prev]", u: "[data-list]" };
  if (key in links) {
    page.querySelector(links[key])?.click();
    return true;
  }
  if (key === "a") {
    toAnswer();
    return true;
  }
  if (key === "n") {
    page.querySelector("#notes textarea")?.focus();
    return true;
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const form = event.target.closest?.("[data-answer-form]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    // Pressed and not only sent: htmx tells the server which button it was.
    form.querySelector("button[type=submit]").click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !keysAreOn() || isWriting(event.target)) return;
  const row = event.target.closest?.("[data-remark]");
  const table = document.querySelector("[data-remarks]");
  if (event.key === "?" && dialog && (row || !table)) {
    event.preventDefault();
    const before = document.activeElement;
    dialog.showModal();
    dialog.addEventListener("close", () => before?.focus?.(), { once: true });
    return;
  }
  // Arrows choose among radio buttons; they move in the list alone.
  if (row ? inList(event, row) : !table && onPage(event)) event.preventDefault();
});

// --- Ready texts ---

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-phrase-put]");
  if (!button) return;
  const form = button.closest("form");
  let first = null;
  for (const text of button.closest("[data-phrase]").querySelectorAll("[data-phrase-text]")) {
    const field = form.querySelector(`[data-reason="${text.dataset.phraseText}"]`);
    if (!field) continue;
    field.value = [field.value.trimEnd(), text.textContent].filter(Boolean).join("\n\n");
    first ??= field;
  }
  first?.focus();
  announce(button.dataset.said);
});

// --- When the page stands, and after each swap ---

function start() {
  for (const part of document.querySelectorAll("[data-js][hidden]")) part.hidden = false;
  document.querySelector("#bulk [data-all]")?.removeAttribute("hidden");
  tell();
}

start();
document.body.addEventListener("htmx:afterSettle", start);
if (window.location.hash === "#answer" && document.querySelector("[data-answer]")) toAnswer();

// Commenting while one reads: the form of a place opens beside it, chosen words come along as a quote.
// Without this each link leads to a page that does the same.
import { startSaving } from "./answering-kept.js";
import { forgetForm, startForm } from "./forms-kept.js";
import { announce } from "./toasts.js";

const text = document.querySelector("[data-commenting]");
const started = new WeakSet();

function start(form) {
  if (started.has(form)) return;
  started.add(form);
  if (!form.closest("[data-commenting]")) {
    startSaving(form); // a whole page: forms-kept has started by itself
    return;
  }
  startForm(form);
  startSaving(form);
}

// Where a place's form opens: beside its link, and for a row of a table behind the table, where it has room.
function holderOf(place) {
  const table = place.closest("table");
  if (!table) return place;
  const next = table.nextElementSibling;
  if (next?.dataset.openFor === place.id) return next;
  const holder = document.createElement("div");
  holder.dataset.openFor = place.id;
  holder.className = "fc-place";
  table.after(holder);
  return holder;
}

const placeOf = (element) => {
  const holder = element.closest("[data-open-for]");
  return holder ? document.getElementById(holder.dataset.openFor) : element.closest(".fc-place");
};
const openIn = (place) => document.getElementById(`open-${place.id}`);
const formIn = (place) => openIn(place)?.querySelector("[data-say-form]");

async function open(link, quote) {
  const place = link.closest(".fc-place");
  if (!formIn(place)) {
    if (place.dataset.opening !== undefined) return;
    place.dataset.opening = "";
    try {
      const target = holderOf(place);
      await window.htmx.ajax("GET", link.href, { source: target, target, swap: "beforeend settle:0ms" });
    } catch {
      // swaps.js has said it
    }
    delete place.dataset.opening;
  }
  const form = formIn(place);
  if (!form) {
    announce(text.dataset.failed, "bad");
    return;
  }
  start(form);
  if (quote) put(form, quote);
  form.elements.text.focus();
  form.scrollIntoView({ block: "nearest" });
}

function put(form, { words, near }) {
  if (!form.elements.quote) return;
  form.elements.quote.value = words;
  form.elements.near.value = near;
  form.querySelector("[data-quote]").open = true;
  form.elements.quote.dispatchEvent(new Event("input", { bubbles: true }));
}

function close(place) {
  const form = formIn(place);
  const link = place.querySelector("[data-say]");
  const wasSaved = form && "savedOnce" in form.dataset;
  tidy(place);
  link.focus();
  if (wasSaved) refresh(place, link.href);
}

function tidy(place) {
  openIn(place)?.remove();
  document.querySelector(`[data-open-for="${place.id}"]`)?.remove();
}

// The counts beside a place whose form saved itself before it was closed.
function refresh(place, address) {
  const url = new URL(address);
  url.searchParams.set("mark", "");
  window.htmx.ajax("GET", url.href, { source: place, target: place, swap: "outerHTML settle:0ms" }).then(() => {
    document.getElementById(place.id)?.querySelector("[data-say]")?.focus();
  });
}

// --- Chosen words ---

let chosen = null;

function button() {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-primary btn-sm fc-place__selected";
  made.textContent = text.dataset.selected;
  made.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  made.addEventListener("click", () => {
    const place = made.closest(".fc-place");
    const quote = chosen;
    made.remove();
    document.getSelection().removeAllRanges();
    open(place.querySelector("[data-say]"), quote);
  });
  return made;
}

// The block of a selection that lies within one, and the words before it.
function chosenNow() {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const of = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[id^='b-']");
  const block = of(range.startContainer);
  const words = selection.toString().trim();
  if (!block || !text.contains(block) || !words || words.length > 2000) return null;
  // Behind the last word of a paragraph a selection ends in the next one, with none of its words.
  const last = of(range.endContainer);
  if (last !== block && range.endOffset > 0) return null;
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const place = document.getElementById(`p-${block.id.slice(2)}`);
  return place?.querySelector("[data-say]") ? { place, words, near: before.toString().length } : null;
}

function watch() {
  const offer = button();
  let timer = null;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (offer.contains(document.activeElement)) return;
      chosen = chosenNow();
      if (!chosen) offer.remove();
      else if (offer.parentElement !== chosen.place) chosen.place.querySelector("[data-say]").after(offer);
    }, 150);
  });
}

// --- Starting ---

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-say]");
  if (link && text && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    open(link);
  }
  if (event.target.closest("[data-say-close]")) close(placeOf(event.target));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const opened = event.target.closest?.(".fc-place__open");
  if (opened) close(placeOf(opened));
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  // What was taken in needs not be kept on the device any more.
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches?.("[data-say-form]") || event.detail.xhr.status !== 200) return;
  forgetForm(form);
  form.closest("[data-open-for]")?.remove();
});

document.body.addEventListener("htmx:afterSettle", () => {
  for (const form of document.querySelectorAll("[data-say-form]")) start(form);
});

for (const form of document.querySelectorAll("[data-say-form]")) start(form);
if (text) {
  watch();
  // On a small screen the contents would stand before the text, screens long.
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector("[data-outline]")?.removeAttribute("open");
}

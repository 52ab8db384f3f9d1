// Internal notes: from a paragraph in the editor to the form, from a note to its paragraph, names behind an @,
// and marks where the draft is read. Everything here has another way without it.

const panel = () => document.querySelector("[data-notes]");

// --- From the text to the form ---

// The block in which the cursor stands, or the nearest around it that the form knows.
function blockAt(node) {
  const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  return element?.closest?.("[data-id], [data-structured]") || null;
}

const idOf = (element) => element.dataset.id || element.dataset.structured;

function known(select, block) {
  return [...select.options].some((option) => option.value === block);
}

// What is around the panel (a tab, a folded part) is opened before the focus goes into it.
function reveal(element) {
  for (let around = element; around; around = around.parentElement) {
    if (around.localName === "details") around.open = true;
    if (around.matches("[role=tabpanel]") && around.id) {
      const tab = document.querySelector(`[role=tab][aria-controls="${around.id}"]`);
      if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
    }
  }
}

// The block under the cursor. A table's row has no line of its own in the form; its table has.
function current(select) {
  let element = blockAt(document.getSelection()?.anchorNode);
  while (element && !known(select, idOf(element))) element = blockAt(element.parentElement);
  return element ? idOf(element) : "";
}

document.addEventListener("fc:note", (event) => {
  const form = panel()?.querySelector("[data-note-new]");
  if (!form) return;
  const select = form.querySelector("select[name=block]");
  const block = event.detail?.block ?? current(select);
  select.value = known(select, block) ? block : "";
  reveal(form);
  const text = form.querySelector("[data-note-text]");
  text.focus();
  text.scrollIntoView({ block: "center" });
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || !event.altKey || event.code !== "KeyM" || !panel()) return;
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("fc:note"));
});

// --- From a note to its paragraph ---

function paragraph(block) {
  const id = CSS.escape(block);
  return document.querySelector(`.ProseMirror [data-id="${id}"], #b-${id}`);
}

// Marked without touching the text itself, which belongs to the editor.
function show(place) {
  if (!window.Highlight) return;
  const range = document.createRange();
  range.selectNodeContents(place);
  CSS.highlights.set("fc-note", new Highlight(range));
  setTimeout(() => CSS.highlights.delete("fc-note"), 4000);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-note-block]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const place = paragraph(link.dataset.noteBlock);
  if (!place) return; // the link itself leads to the text
  event.preventDefault();
  reveal(place);
  place.scrollIntoView({ block: "center" });
  show(place);
  const writing = place.closest(".ProseMirror");
  if (writing) {
    writing.focus({ preventScroll: true });
    document.getSelection().collapse(place, 0);
  } else {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }
});

// --- Names behind an @ ---

const BEHIND_AT = /(^|\s)@([\p{L}\p{M}'-]*(?: [\p{L}\p{M}'-]*)?)$/u;

// Everybody who can be mentioned: their names stand once on the page, whichever form asks.
const people = () => [...document.querySelectorAll("#note-people > li")].map((item) => item.textContent);

class Names {
  constructor(text) {
    this.text = text;
    this.list = document.createElement("ul");
    this.list.className = "fc-note__names";
    this.list.id = `${text.id}-names`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", text.dataset.people);
    this.list.hidden = true;
    text.after(this.list);
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", this.list.id);
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the cursor stays in the text
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
    text.addEventListener("keydown", (event) => this.key(event));
    text.addEventListener("blur", () => this.close());
  }
  typed() {
    return BEHIND_AT.exec(this.text.value.slice(0, this.text.selectionStart));
  }
  refresh() {
    const found = this.typed();
    const start = found?.[2].toLocaleLowerCase();
    const fits = found
      ? people().filter((name) =>
          name
            .toLocaleLowerCase()
            .split(" ")
            .some((_word, place, words) => words.slice(place).join(" ").startsWith(start)),
        )
      : [];
    if (!fits.length || fits.some((name) => name.toLocaleLowerCase() === start)) return this.close();
    this.list.replaceChildren(
      ...fits.map((name, place) => {
        const option = document.createElement("li");
        option.setAttribute("role", "option");
        option.id = `${this.list.id}-${place}`;
        option.textContent = name;
        return option;
      }),
    );
    this.list.hidden = false;
    return this.mark(0);
  }
  mark(place) {
    const options = [...this.list.children];
    this.place = (place + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.place)));
    this.text.setAttribute("aria-activedescendant", options[this.place].id);
    options[this.place].scrollIntoView({ block: "nearest" });
  }
  key(event) {
    if (this.list.hidden) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.mark(this.place + moves[event.key]);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.list.children[this.place]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  choose(option) {
    const found = this.typed();
    const end = this.text.selectionStart;
    const start = end - found[2].length;
    this.text.setRangeText(`${option.textContent} `, start, end, "end");
    this.close();
  }
  close() {
    this.list.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }
}

const started = new WeakMap();

document.addEventListener("input", (event) => {
  const text = event.target.closest?.("[data-note-text]");
  if (!text || !people().length) return;
  if (!started.has(text)) started.set(text, new Names(text));
  started.get(text).refresh();
});

// --- Marks where the draft is read ---

const marks = JSON.parse(document.getElementById("note-marks")?.textContent || "{}");
for (const [block, { label, url }] of Object.entries(marks)) {
  const place = document.getElementById(`b-${block}`);
  if (!place) continue;
  const link = document.createElement("a");
  link.className = "fc-note-mark";
  link.href = url;
  link.textContent = label;
  // Beside the words: in the heading of a goal, in a cell of a row, in the caption of a table or a picture.
  const words = place.querySelector(".fc-goal__title, .fc-measure__title, h3, h4, h5, h6, caption, figcaption, th, td");
  if (words || place.localName !== "li") (words || place).append(link);
  else place.insertBefore(link, place.querySelector("ul, ol"));
}

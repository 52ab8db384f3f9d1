// The compile desk: ticking whole cells, arrow keys between the boxes, selected words instead of a whole answer, one
// area at a time on a small screen. After each button the desk comes back from the server: the table keeps its place.
const NARROW = window.matchMedia("(max-width: 40rem)");
let place = null;

function start() {
  const form = document.querySelector("[data-desk-form]");
  if (!form || form.dataset.started) return;
  form.dataset.started = "yes";
  const boxes = () => [...form.querySelectorAll('.fc-desk-table input[name="answer"]')];
  const count = form.querySelector("[data-desk-count]");
  if (!count) return narrow(form);
  const clear = form.querySelector("[data-desk-clear]");
  const jump = form.querySelector("[data-desk-jump]");
  const ways = form.querySelector("[data-desk-ways]");
  const quotes = form.querySelector("[data-desk-quotes]");

  function tell() {
    const ticked = boxes().filter((box) => box.checked);
    const words = ticked.length === 1 ? count.dataset.one : count.dataset.many.replace("{count}", ticked.length);
    count.textContent = ticked.length ? words : count.dataset.none;
    clear.hidden = !ticked.length;
    jump.hidden = !ticked.length;
    ways.hidden = !ticked.length && !form.querySelector(".fc-desk-bar__error");
    jump.querySelector("[data-desk-jump-count]").textContent = words;
    for (const all of form.querySelectorAll("[data-desk-all]")) {
      const own = boxesOf(all);
      const some = own.filter((box) => box.checked).length;
      all.checked = some > 0 && some === own.length;
      all.indeterminate = some > 0 && some < own.length;
    }
    // Words were chosen out of an answer that is no longer ticked: they go too.
    for (const input of quotes.querySelectorAll("input")) {
      if (!ticked.some((box) => `quote-${box.value}` === input.name)) input.closest("li").remove();
    }
  }

  for (const all of form.querySelectorAll("[data-desk-all]")) {
    all.closest("[data-desk-all-box]").hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxesOf(all)) box.checked = all.checked;
      tell();
    });
  }
  form.addEventListener("change", (event) => {
    if (event.target.name === "answer") tell();
  });
  clear.addEventListener("click", () => {
    for (const box of boxes()) box.checked = false;
    tell();
    boxes()[0]?.focus();
  });
  form.addEventListener("keydown", arrows);
  selectedWords(form, tell);
  narrow(form);
  tell();
}

function boxesOf(all) {
  return [...all.closest("td").querySelectorAll('input[name="answer"]')];
}

// --- Arrow keys between the boxes ---------------------------------------------------------------------------------

function arrows(event) {
  const box = event.target.closest('.fc-desk-table input[type="checkbox"]');
  if (box && event.key === "Enter") event.preventDefault(); // A box is ticked with the space bar; Enter sends nothing.
  if (!box || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const cell = box.closest("td");
  const inCell = [...cell.querySelectorAll('input[type="checkbox"]')].filter(isShown);
  const at = inCell.indexOf(box);
  let next = null;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    next = inCell[at + step] ?? endOfColumn(cell, step);
  } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    next = beside(cell, event.key === "ArrowRight" ? 1 : -1, at);
  } else return;
  event.preventDefault();
  next?.focus();
}

function isShown(element) {
  return element.offsetParent !== null;
}

function boxesIn(cell) {
  return cell ? [...cell.querySelectorAll('input[type="checkbox"]')].filter(isShown) : [];
}

// From the last box of a cell to the first one of the next question, in the same column.
function endOfColumn(cell, step) {
  const index = cell.cellIndex;
  let row = cell.parentElement;
  while ((row = step > 0 ? row.nextElementSibling : row.previousElementSibling)) {
    const found = boxesIn(row.cells[index]);
    if (found.length) return step > 0 ? found[0] : found.at(-1);
  }
  return null;
}

function beside(cell, step, at) {
  let next = cell;
  while ((next = step > 0 ? next.nextElementSibling : next.previousElementSibling)) {
    const found = boxesIn(next);
    if (found.length) return found[Math.min(at, found.length - 1)];
  }
  return null;
}

// --- Selected words -----------------------------------------------------------------------------------------------

// What is selected inside one answer: its box and the words.
function selection(form) {
  const range = document.getSelection();
  if (!range || range.isCollapsed || !range.rangeCount) return null;
  const words = range.toString().replace(/\s+/g, " ").trim();
  const start = range.anchorNode?.parentElement?.closest("[data-words]");
  const end = range.focusNode?.parentElement?.closest("[data-words]");
  if (!words || !start || start !== end || !form.contains(start)) return null;
  return { box: start.closest("[data-piece]").querySelector('input[name="answer"]'), words };
}

function selectedWords(form, tell) {
  const button = form.querySelector("[data-desk-pick]");
  const template = form.querySelector("template[data-desk-quote]");
  const quotes = form.querySelector("[data-desk-quotes]");
  document.addEventListener("selectionchange", () => {
    if (form.isConnected) button.hidden = !selection(form);
  });
  // The button must not take the selection away before it reads it.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const found = selection(form);
    if (!found) return;
    const name = `quote-${found.box.value}`;
    quotes.querySelector(`input[name="${name}"]`)?.closest("li").remove();
    const item = template.content.cloneNode(true);
    item.querySelector("q").textContent = found.words;
    const input = item.querySelector("input");
    input.name = name;
    input.value = found.words;
    quotes.append(item);
    found.box.checked = true;
    document.getSelection().removeAllRanges();
    button.hidden = true;
    tell();
  });
  quotes.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-desk-unquote]");
    if (!remove) return;
    const name = remove.closest("li").querySelector("input").name;
    remove.closest("li").remove();
    form.querySelector(`input[name="answer"][value="${CSS.escape(name.slice(6))}"]`)?.focus();
  });
  // Selecting words ends with a click on the label: it does not tick the box.
  form.addEventListener("click", (event) => {
    if (event.target.closest("label") && selection(form)) event.preventDefault();
  });
}

// --- Small screens ------------------------------------------------------------------------------------------------

function narrow(form) {
  const frame = form.querySelector("[data-desk-one]");
  if (!frame) return;
  const select = frame.querySelector("select");
  // Six areas below each other are a long way to scroll: a small screen begins with the first one.
  select.value = place?.area ?? (NARROW.matches ? select.options[1].value : "");
  const show = () => {
    frame.hidden = !NARROW.matches;
    const wanted = NARROW.matches ? select.value : "";
    for (const cell of form.querySelectorAll("td[data-column]")) {
      cell.hidden = Boolean(wanted) && cell.dataset.column !== wanted;
    }
  };
  select.addEventListener("change", show);
  NARROW.addEventListener("change", () => form.isConnected && show());
  show();
  const next = nextBox(form);
  if (!next?.closest("td").hidden) return;
  // What waits next stands in an area that is not shown: first what waits in the one that is, then that area.
  const waiting = [...form.querySelectorAll('[data-piece="waits"] input[name="answer"]')];
  const own = waiting.filter((box) => !box.closest("td").hidden);
  const following = own.find((box) => next.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING) ?? own[0];
  if (following && place) {
    next.removeAttribute("data-focus");
    following.setAttribute("data-focus", "");
    return;
  }
  select.value = next.closest("td").dataset.column;
  show();
  if (!place) next.focus();
}

// The answer that the server sent the reader to: after a button marked in the table, after another page in the address.
function nextBox(form) {
  if (place) return form.querySelector("td [data-focus]");
  const id = window.location.hash.slice(1);
  return id.startsWith("c-") ? form.querySelector(`td input[id="${CSS.escape(id)}"]`) : null;
}

// --- The table keeps its place --------------------------------------------------------------------------------------

document.body.addEventListener("htmx:beforeSwap", () => {
  const frame = document.querySelector("[data-desk-scroll]");
  const select = document.querySelector("[data-desk-one] select");
  place = frame && { left: frame.scrollLeft, top: frame.scrollTop, page: window.scrollY, area: select?.value ?? "" };
});

document.body.addEventListener("htmx:afterSwap", () => {
  const frame = document.querySelector("[data-desk-scroll]");
  if (frame && place) {
    frame.scrollLeft = place.left;
    frame.scrollTop = place.top;
    window.scrollTo({ top: place.page, behavior: "instant" });
  }
  start();
});

// One measure of several answers: whoever writes in the field wants her own words.
function ownWords() {
  const own = document.querySelector('input[name="named_by"][value="own"]');
  for (const field of own ? document.querySelectorAll('[name^="title_"]') : []) {
    field.addEventListener("input", () => (own.checked = true));
  }
}

start();
ownWords();

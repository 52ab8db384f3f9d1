// Picking passages of a statement: select words and press P or the button; the place is found by typing.
// Without this the sentences are ticked and the place is chosen from the whole list.

const form = document.querySelector("[data-pick]");
const chosen = form.querySelector("[data-pick-chosen]");
const select = form.elements.place;
const search = document.getElementById("pick-search");

// The server counts signs, and a script counts halves of some of them.
const signs = (text) => [...text].length;

function placeOf(node, offset) {
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node.childNodes[offset]?.parentElement || node;
  const piece = element.closest("[data-starts]");
  if (!piece) return null;
  const before = document.createRange();
  before.selectNodeContents(piece);
  before.setEnd(node, offset);
  return Number(piece.dataset.starts) + signs(before.toString());
}

// The pieces that the selection touches: an end that stands between two of them counts from the nearer one inside.
function passage() {
  const selection = window.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const start = range.startContainer;
  const frame = (start.nodeType === Node.TEXT_NODE ? start.parentElement : start).closest("[data-words]");
  if (!frame) return null;
  const touched = [...frame.querySelectorAll("[data-starts]")].filter((piece) => range.intersectsNode(piece));
  if (!touched.length) return null;
  const [first, last] = [touched[0], touched.at(-1)];
  const begins = first.contains(range.startContainer)
    ? placeOf(range.startContainer, range.startOffset)
    : Number(first.dataset.starts);
  const ends = last.contains(range.endContainer)
    ? placeOf(range.endContainer, range.endOffset)
    : Number(last.dataset.starts) + signs(last.textContent);
  if (begins === null || ends === null || ends <= begins) return null;
  return { question: frame.dataset.words, begins, ends, words: selection.toString().trim() };
}

function show(found) {
  form.elements.question.value = found?.question ?? "";
  form.elements.starts_at.value = found ? found.begins : "";
  form.elements.ends_at.value = found ? found.ends : "";
  chosen.textContent = found ? form.dataset.chosen.replace("{words}", () => found.words) : "";
}

const ticks = [...document.querySelectorAll(".fc-words__tick")];

document.addEventListener("selectionchange", () => {
  const found = passage();
  // A selection that goes away because the reader types in the search field is still what she chose.
  if (!found) return;
  for (const tick of ticks) tick.checked = false;
  show(found);
});

function ticked() {
  const range = ticks.filter((tick) => tick.checked);
  if (!range.length) return show(null);
  const [question] = range[0].value.split(":");
  const edges = range.flatMap((tick) => tick.value.split(":")[1].split("-").map(Number));
  const words = range.map((tick) => document.getElementById(tick.getAttribute("aria-labelledby")).textContent.trim());
  show({ question, begins: Math.min(...edges), ends: Math.max(...edges), words: words.join(" … ") });
}

// The server reads the ticks by itself; here they only say what is chosen.
for (const tick of ticks) {
  tick.addEventListener("change", () => {
    window.getSelection().removeAllRanges();
    ticked();
    form.elements.starts_at.value = "";
    form.elements.ends_at.value = "";
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (!form.elements.starts_at.value && !ticks.some((tick) => tick.checked)) return;
  event.preventDefault();
  search.focus();
});

// Typing leaves the places that have all the words; the first one is chosen.
const groups = [...select.querySelectorAll("optgroup")].map((group) => [group, [...group.children]]);
const whole = select.options[0];

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = [];
  for (const [group, options] of groups) {
    const name = group.label.toLowerCase();
    const fitting = options.filter((option) =>
      words.every((word) => name.includes(word) || option.textContent.toLowerCase().includes(word)),
    );
    group.replaceChildren(...fitting);
    if (fitting.length) kept.push(group);
    group.fitting = fitting;
  }
  select.replaceChildren(whole, ...kept);
  const [first] = kept;
  if (words.length && first) first.fitting[0].selected = true;
  else whole.selected = true;
}

search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown") return;
  event.preventDefault();
  select.focus();
});

for (const part of form.querySelectorAll("[data-pick-search], [data-pick-help]")) part.hidden = false;
select.size = 8;

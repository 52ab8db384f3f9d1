// Needs in groups. On the pages where they are grouped: how many are ticked, and the new group's name only when it is
// wanted. On the projector: keys that lead through the groups and open the ways to decide. On paper all words are open.

// --- Ticked needs -------------------------------------------------------------------------------------------------

for (const form of document.querySelectorAll("[data-needs-form]")) {
  const count = form.querySelector("[data-needs-count]");
  const to = form.querySelector("[data-needs-to]");
  const named = form.querySelector("[data-needs-new]");
  const tell = () => {
    const ticked = form.querySelectorAll('input[name="need"]:checked').length;
    const { none, one, many } = count.dataset;
    count.textContent = ticked === 0 ? none : ticked === 1 ? one : many.replace("{count}", ticked);
    named.hidden = to.value !== "new";
  };
  form.addEventListener("change", tell);
  tell();
}

// --- The projector ------------------------------------------------------------------------------------------------

const KEYS = {
  ArrowRight: "next",
  PageDown: "next",
  ArrowLeft: "previous",
  PageUp: "previous",
  1: "take",
  2: "join",
  3: "leave",
  0: "undo",
  5: "words",
  9: "list",
};
const STORED = "digest-number-keys";
const help = document.querySelector("[data-keys]");

if (help) {
  help.hidden = false;
  const on = help.querySelector("[data-keys-on]");
  on.checked = stored() !== "off";
  on.addEventListener("change", () => store(on.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const name = KEYS[event.key];
    if (!name || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, select, textarea")) return;
    if (/^\d$/.test(event.key) && !on.checked) return;
    const target = document.querySelector(`[data-key="${name}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.tagName === "SUMMARY") open(target);
    else if (target.tagName === "BUTTON") target.focus();
    else target.click();
  });
}

// A way to decide opens with the focus on what is to be chosen or pressed; pressing it is a step of its own.
function open(summary) {
  const details = summary.parentElement;
  details.open = !details.open;
  for (const other of details.parentElement.querySelectorAll(":scope > details[open]")) {
    if (other !== details) other.open = false;
  }
  const field = summary.dataset.key === "take" ? "button" : "select, textarea, button";
  (details.open && summary.dataset.key !== "words" ? details.querySelector(field) : summary).focus();
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function store(value) {
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // Without storage the choice holds for this page.
  }
}

// --- On paper -----------------------------------------------------------------------------------------------------

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll(".fc-needs__words:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});

// The list of goals and measures: a row is edited where it stands. htmx puts the form in the place of the row and the
// row in the place of the form; here are the keys, the focus, and the choice of several rows.
import "./choosing.js";

// --- From a cell to its field ---

const SKIP = "a, button, input, select, textarea, summary, details, label, q";
let wanted = "";

document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-field]");
  if (!cell || event.target.closest(SKIP) || document.getSelection()?.toString()) return;
  const button = cell.closest("tr").querySelector("[data-edit]");
  if (!button) return;
  wanted = cell.dataset.field;
  button.click();
});

function place(form) {
  const fields = [...form.querySelectorAll("input, select, textarea")].filter(
    (field) => field.type !== "hidden" && !field.hidden && field.offsetParent,
  );
  const named = wanted && form.querySelector(`[name^="${wanted}"]`);
  const frame = named?.hidden ? named.previousElementSibling : null;
  (frame?.querySelector("input") || (named?.hidden ? null : named) || fields[0])?.focus();
  wanted = "";
}

document.body.addEventListener("htmx:afterSettle", () => {
  startChoice();
  // Of a form that was put in after a row, htmx names the row.
  const form = document.querySelector("[data-row-form]:not([data-placed])");
  if (!form) return;
  form.dataset.placed = "";
  if (!form.querySelector("[data-focus]")) place(form);
});

// --- Enter saves, Escape leaves ---

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-row-form]");
  if (!form) return;
  if (event.key === "Escape" && !event.defaultPrevented) {
    event.preventDefault();
    event.stopPropagation();
    form.querySelector("[data-cancel]").click();
  } else if (event.key === "Enter" && event.target.localName === "textarea" && !event.shiftKey) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// A row that is not there yet: leaving its form only takes the form away.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-cancel-new]");
  if (!cancel || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const row = cancel.closest("tr");
  const before = row.previousElementSibling?.querySelector("[data-edit]") || row.nextElementSibling?.querySelector("a");
  row.remove();
  before?.focus();
});

// A menu closes once something was chosen in it.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const menu = event.detail.elt.closest("details.fc-menu");
  if (menu) menu.open = false;
});

// --- Choosing rows ---

const boxes = () => [...document.querySelectorAll("input[name=row][form=bulk]")];

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

function startChoice() {
  document.querySelector("#bulk [data-all]")?.removeAttribute("hidden");
  tell();
}

document.addEventListener("change", (event) => {
  if (event.target.id === "choose-all") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.id === "choose-all" || event.target.form?.id === "bulk") tell();
});

startChoice();

// The text of a section in the browser. The form works without this: then its boxes hold the text with its marks.
import { Around } from "./editor-around.js";
import { ConflictPanel, startCombining } from "./editor-conflicts.js";
import { Keeping } from "./editor-keeping.js";
import { offerKept } from "./editor-offers.js";
import { Presence } from "./editor-presence.js";
import { Saving } from "./editor-saving.js";
import { offerStarts } from "./editor-start.js";
import { SectionText } from "./editor-text.js";

// The states in which the text is not on the server, whatever is typed.
const STUCK = ["offline", "failed", "signedOut", "ended", "refused"];

// After these the section is another than before.
const CHANGED = ["saved", "merged", "conflict", "news", "settled"];

// What is seen changes with every save; what is read out, only when the state is another than before.
class Status {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-save-status]");
    this.said = form.querySelector("[data-save-said]");
    this.signIn = form.querySelector("[data-sign-in]");
    this.problem = document.getElementById("save-error");
    this.state = "";
  }

  show(state, answer = {}, byHand = false) {
    if (state === "typing" || (state === "saving" && STUCK.includes(this.state))) return;
    const text = this.#text(state, answer);
    this.line.textContent = text;
    this.signIn.hidden = state !== "signedOut";
    if (state === "saving") return;
    if (byHand || this.state !== state) this.said.textContent = text;
    this.state = state;
  }

  // Something else that is only read out.
  add(text) {
    this.said.textContent = `${this.said.textContent} ${text}`.trim();
  }

  #text(state, { saved_at: when = "", by = [], error = "", message = "" }) {
    const { dataset } = this.form;
    if (state === "ended" || state === "refused") return error || dataset.failed;
    if (state === "settled") return message;
    const words = dataset[state] ?? "";
    return words.replace("{clock}", when).replace("{names}", by.join(", ") || dataset.others);
  }
}

function startForm(form) {
  const status = new Status(form);
  const { dataset } = form;
  let saving = null;
  let panel = null;
  const texts = [...form.querySelectorAll("[data-rich]")].map((box) => new SectionText(box, () => saving?.typed()));
  const keeping = new Keeping(`${dataset.user}:${dataset.key}`);
  const around = new Around(`${dataset.aroundUrl}${window.location.search}`);
  const said = (state, answer, byHand) => {
    // While two texts wait for being chosen between, every save says so.
    const isWaiting = answer?.conflicts && state === "saved";
    status.show(isWaiting ? "conflict" : state, answer, byHand);
    if (CHANGED.includes(state) && answer?.state !== "unchanged") around.changed();
    if (answer?.conflicts === undefined || state === "settled") return;
    if (!panel.show(answer.conflicts)) return;
    if (byHand) panel.focus();
    else if (state !== "conflict") status.add(panel.title);
  };
  saving = new Saving({ url: form.action, base: form.elements.base.value, texts, keeping, said });
  panel = new ConflictPanel({ form, saving, said });
  const presence = new Presence({
    url: dataset.presenceUrl,
    line: form.querySelector("[data-presence]"),
    saving,
    news(answer) {
      saving.putIn(answer);
      said("news", answer);
    },
    conflicts(html) {
      if (panel.show(html)) status.add(panel.title);
    },
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saving.save({ byHand: true });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      saving.save({ byHand: true });
    }
  });
  for (const text of texts) text.editor.on("blur", () => saving.save());
  window.addEventListener("beforeunload", (event) => {
    if (saving.isDirty && !saving.keep()) event.preventDefault();
  });

  document.addEventListener("fc:flush", (event) => event.detail.wait.push(saving.save()));

  offerStarts(form, texts);
  presence.tell();
  offerKept({
    template: form.querySelector("[data-offer]"),
    place: form.querySelector("[data-offers]"),
    keeping,
    saving,
    presence,
    language: document.documentElement.lang,
  });
}

const forms = [...document.querySelectorAll("[data-edit-form]")];
for (const form of forms) startForm(form);
if (!forms.length) startCombining(document);
for (const box of document.querySelectorAll("[data-rich]:not([data-rich=inline])")) {
  if (!box.closest("[data-edit-form]")) new SectionText(box, () => {});
}

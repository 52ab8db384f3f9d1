// The panel in which a person chooses between two texts of one place, while writing goes on beside it.
import { token } from "./csrf.js";
import { ask } from "./editor-saving.js";
import { SectionText } from "./editor-text.js";

// What a panel is known by: its words and where its buttons lead.
function signature(panel) {
  if (!panel) return "";
  const places = [...panel.querySelectorAll("form")].map((form) => form.getAttribute("action"));
  return [panel.textContent.replace(/\s+/g, " ").trim(), ...places].join(" ");
}

export function startCombining(around) {
  for (const box of around.querySelectorAll('[data-rich="inline"]')) new SectionText(box, () => {});
}

export class ConflictPanel {
  constructor({ form, saving, said }) {
    Object.assign(this, { form, saving, said, shown: signature(this.element) });
    this.#start();
  }

  get element() {
    return document.getElementById("conflicts");
  }

  get title() {
    return this.element?.querySelector("h2").textContent.trim() || "";
  }

  // Shows what the server says, unless it is what already stands here; answers whether there is something new.
  show(html) {
    const piece = document.createRange().createContextualFragment(html);
    const now = signature(piece.querySelector("#conflicts"));
    if (now === this.shown || this.element?.contains(document.activeElement)) return false;
    this.shown = now;
    this.element?.remove();
    if (!now) return false;
    this.form.before(piece);
    this.#start();
    return true;
  }

  focus() {
    const title = this.element?.querySelector("h2");
    if (!title) return;
    title.tabIndex = -1;
    title.focus();
  }

  #start() {
    if (!this.element) return;
    startCombining(this.element);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#choose(event.target);
    });
  }

  async #choose(form) {
    await this.saving.save();
    const body = new URLSearchParams(new FormData(form));
    body.set("csrfmiddlewaretoken", token());
    body.append("seen", this.saving.seen);
    for (const text of this.saving.texts) body.append("language", text.language);
    let response;
    try {
      response = await ask(form.action, body);
      if (!(response.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("no answer");
    } catch {
      this.said("failed");
      return;
    }
    const answer = await response.json();
    if (!response.ok) {
      this.said("refused", answer);
      return;
    }
    if (this.saving.canPut()) this.saving.putIn(answer);
    document.activeElement.blur();
    this.show(answer.conflicts);
    this.said("settled", answer);
    if (this.element) this.focus();
    else this.saving.texts[0]?.editor.commands.focus();
  }
}

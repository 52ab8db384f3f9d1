// The panel in which a person chooses between two texts of one place, while writing goes on beside it.
import { ask } from "./editor-saving.js";
import { SectionText } from "./editor-text.js";

const plain = (html) => html.replace(/<input[^>]*csrfmiddlewaretoken[^>]*>/g, "");

export function startCombining(around) {
  for (const box of around.querySelectorAll('[data-rich="inline"]')) new SectionText(box, () => {});
}

export class ConflictPanel {
  constructor({ form, saving, said }) {
    Object.assign(this, { form, saving, said, shown: this.element ? null : "" });
    this.#start();
  }

  get element() {
    return document.getElementById("conflicts");
  }

  // Shows what the server says, unless it is what already stands here; answers whether there is something new.
  show(html) {
    const now = plain(html.trim());
    if (now === this.shown || this.element?.contains(document.activeElement)) return false;
    const isNew = Boolean(now);
    this.shown = now;
    this.element?.remove();
    if (!isNew) return false;
    const piece = document.createRange().createContextualFragment(html);
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

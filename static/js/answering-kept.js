// A respondent's form saves itself: each change on this device at once (forms-kept.js), and a while later on the server
// at the form's own address (`autosave`), which answers with a word. What could not be sent is tried again.
import { token } from "./csrf.js";
import { forgetForm } from "./forms-kept.js";

const PAUSE = 2_500;
const AGAIN = 10_000;
const PATIENCE = 15_000;

class Saving {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-saving]");
    this.timer = null;
    this.running = null;
    this.changes = 0;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => this.stop());
    // What was pressed did not reach the server: from here on it saves itself again, as the page has promised.
    form.addEventListener("htmx:sendError", () => this.changed());
    window.addEventListener("online", () => this.pending && this.save());
  }
  tell(text) {
    // Said again and again it would disturb whoever listens.
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
  }
  changed() {
    this.changes += 1;
    this.pending = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }
  stop() {
    clearTimeout(this.timer);
    this.pending = false;
    this.running?.abort();
  }
  async save() {
    clearTimeout(this.timer);
    if (!this.form.isConnected || !this.pending || this.running) return;
    if (!("saySaves" in this.form.dataset)) {
      this.tell(this.status.dataset.here);
      return;
    }
    const at = this.changes;
    const body = new FormData(this.form);
    body.set("autosave", "1");
    const running = new AbortController();
    this.running = running;
    const patience = setTimeout(() => running.abort(), PATIENCE);
    this.tell(this.status.dataset.busy);
    try {
      const response = await fetch(this.form.getAttribute("action"), {
        method: "POST",
        body,
        headers: { "X-CSRFToken": token() },
        redirect: "error",
        signal: running.signal,
      });
      this.answered(response.status, await response.json(), at);
    } catch {
      if (!this.pending) return;
      this.tell(this.status.dataset.offline);
      this.timer = setTimeout(() => this.save(), AGAIN);
    } finally {
      clearTimeout(patience);
      if (this.running === running) this.running = null;
    }
    if (this.changes !== at && this.pending) this.changed();
  }
  answered(status, answer, at) {
    if (status >= 500) throw new Error("the server is not well");
    if (answer.error) {
      // What is not right yet is told when the form is sent; only that a colleague was here cannot wait.
      this.pending = false;
      this.tell(status === 409 ? answer.error : this.status.dataset.here);
      return;
    }
    if (!answer.kept) {
      this.tell(this.status.dataset.here);
      return;
    }
    this.form.elements.shown.value = answer.edit;
    this.form.dataset.savedOnce = "";
    this.tell(this.status.dataset.saved.replace("{time}", answer.time));
    if (this.changes === at) {
      this.pending = false;
      forgetForm(this.form);
    }
  }
}

export function startSaving(form) {
  return new Saving(form);
}

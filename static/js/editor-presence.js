// Who else has the section open, and what they have saved since: asked while the page is looked at.
import { token } from "./csrf.js";
import { ask } from "./editor-saving.js";

const EVERY = 15_000;

export class Presence {
  // `news(answer)` is told what others have saved, `conflicts(html)` what waits for being chosen between.
  constructor({ url, line, saving, news, conflicts }) {
    Object.assign(this, { url, line, saving, news, conflicts });
    this.timer = setInterval(() => this.tell(), EVERY);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.leave() : this.tell()));
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("pageshow", (event) => event.persisted && this.tell());
  }

  #body() {
    const body = new URLSearchParams({ seen: this.saving.seen });
    for (const text of this.saving.texts) body.append("language", text.language);
    return body;
  }

  async tell(after = []) {
    if (document.hidden || this.saving.hasEnded) return null;
    const body = this.#body();
    const wasClean = this.saving.isClean && this.saving.canPut();
    if (wasClean) body.append("clean", "1");
    for (const key of after) body.append("after", key);
    let answer;
    try {
      const response = await ask(this.url, body);
      if (!response.ok) return null;
      answer = await response.json();
    } catch {
      return null; // saving tells when there is no connection
    }
    if (this.line.textContent !== answer.others) this.line.textContent = answer.others;
    if (answer.html && this.saving.isClean && this.saving.canPut() && answer.head > this.saving.seen) this.news(answer);
    else if (answer.conflicts !== undefined) this.conflicts(answer.conflicts);
    return answer;
  }

  leave() {
    const body = this.#body();
    body.append("leaving", "1");
    body.append("csrfmiddlewaretoken", token());
    navigator.sendBeacon(this.url, body);
  }
}

// What stands around the text follows it: states in the outline, how far translations are, the last changes. Asked for a
// moment after something was saved, and not while somebody is at work there.
const PAUSE = 1500;
const APART = 8000;

const column = () => document.querySelector(".fc-editor__outline");

function isInUse() {
  const menu = document.getElementById("outline-menu");
  return Boolean(
    document.hidden ||
      column()?.contains(document.activeElement) ||
      document.querySelector("dialog[open], [data-drop]") ||
      document.querySelector("#section-state")?.contains(document.activeElement) ||
      menu?.matches(":popover-open"),
  );
}

export class Around {
  constructor(url) {
    this.url = url;
    this.asked = 0;
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), Math.max(PAUSE, this.asked + APART - Date.now()));
  }

  async #ask() {
    if (isInUse()) {
      this.timer = setTimeout(() => this.#ask(), APART);
      return;
    }
    this.asked = Date.now();
    let html;
    try {
      const headers = { "HX-Request": "true", "HX-Target": "outline" };
      const response = await fetch(this.url, { headers, signal: AbortSignal.timeout(30_000) });
      if (!response.ok || response.redirected) return;
      html = await response.text();
    } catch {
      return; // the next save asks again
    }
    if (isInUse()) {
      this.changed();
      return;
    }
    const { scrollTop } = column();
    window.htmx.swap("#outline", html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    column().scrollTop = scrollTop;
  }
}

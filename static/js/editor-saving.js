// Saving a few seconds after typing stops, and going on with what others have saved meanwhile.
import { token } from "./csrf.js";

const PAUSE = 3000;
const LONGEST = 20_000;
const PATIENCE = 30_000;
const MOST_BY_BEACON = 60_000; // what a browser sends on after the page has gone, in characters
const MOST_KEYS = 20;

export function ask(url, body, options = {}) {
  return fetch(url, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "X-CSRFToken": token() },
    signal: AbortSignal.timeout(PATIENCE),
    ...options,
  });
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return bytes.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Saving {
  // `said(state, answer)` is told of every change of state: typing, saving, saved, merged, conflict, offline, failed,
  // signedOut, refused, ended, putIn.
  constructor({ url, base, texts, keeping, said }) {
    Object.assign(this, { url, texts, keeping, said, base: Number(base), seen: Number(base) });
    this.keys = []; // sendings whose answer has not come
    this.sentAs = null; // the words of the last of them
    this.isSending = false;
    this.hasEnded = false;
    this.wait = 2000;
    window.addEventListener("online", () => this.#retryNow());
    window.addEventListener("focus", () => this.retryAt && this.#retryNow());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    window.addEventListener("pagehide", () => this.leave());
  }

  get isClean() {
    return !this.isSending && !this.isDirty && !this.keys.length;
  }

  get isDirty() {
    return Boolean(this.typedSince);
  }

  words() {
    return Object.fromEntries(this.texts.map((text) => [text.name, text.textarea.value]));
  }

  keep() {
    clearTimeout(this.keepTimer);
    this.keepTimer = null;
    return this.keeping.put({ base: this.base, keys: this.keys, sentAs: this.sentAs, texts: this.words() });
  }

  typed() {
    this.typedSince ??= Date.now();
    this.keepTimer ??= setTimeout(() => this.keep(), 300);
    if (this.hasEnded) return;
    this.said("typing");
    clearTimeout(this.timer);
    const longest = this.typedSince + LONGEST - Date.now();
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(PAUSE, longest)));
  }

  // On from an earlier window's text: its base and its sendings, so that it merges like any other save.
  goOnFrom({ base, keys }) {
    this.base = Number(base);
    this.keys = keys || [];
  }

  leave() {
    if (!this.isDirty) return;
    this.keep();
    this.save({ keepalive: true });
  }

  async save({ byHand = false, keepalive = false } = {}) {
    if (this.hasEnded) return this.said("ended");
    if (this.isSending) {
      this.again = { byHand: byHand || this.again?.byHand };
      return this.sending;
    }
    if (!byHand && !this.isDirty && !this.keys.length) return undefined;
    clearTimeout(this.timer);
    this.isSending = true;
    this.sending = this.#send(byHand, keepalive).finally(() => {
      this.isSending = false;
      this.sending = null;
      const { again } = this;
      this.again = null;
      if (again && (again.byHand || this.isDirty)) return this.save(again);
      return undefined;
    });
    return this.sending;
  }

  async #send(byHand, keepalive) {
    this.said("saving");
    const key = newKey();
    const typedSince = this.typedSince;
    this.typedSince = null;
    const body = new URLSearchParams({ base: this.base, client_key: key, automatic: byHand ? "0" : "1" });
    for (const earlier of this.keys.slice(-MOST_KEYS)) body.append("after", earlier);
    for (const text of this.texts) body.append(text.name, text.noteSent());
    this.keys = [...this.keys.slice(1 - MOST_KEYS), key];
    this.sentAs = this.words();
    this.keep();
    let response;
    try {
      response = await ask(this.url, body, { keepalive: keepalive && body.toString().length < MOST_BY_BEACON });
      if (response.status === 403 && (await response.clone().json()).code === "csrf") {
        await fetch(location.href); // brings a new token, as a sign-in in another window does
        response = await ask(this.url, body);
      }
    } catch {
      this.#notSaved(typedSince, "offline");
      return;
    }
    let answer = {};
    try {
      answer = await response.json();
    } catch {
      // no answer of ours: something between us and the server
    }
    if (response.ok && answer.state) {
      this.#saved(answer, byHand || Boolean(this.again?.byHand));
    } else if (response.status === 401) {
      this.#notSaved(typedSince, "signedOut");
    } else if ([403, 404].includes(response.status)) {
      this.hasEnded = true;
      this.#keepOn(typedSince);
      this.said("ended", answer);
    } else if (answer.error && response.status < 500) {
      this.keys = this.keys.filter((sent) => sent !== key);
      this.#keepOn(typedSince);
      this.said("refused", answer);
    } else {
      this.#notSaved(typedSince, "failed");
    }
  }

  #keepOn(typedSince) {
    this.typedSince = typedSince || this.typedSince || Date.now();
    this.keep();
  }

  #notSaved(typedSince, why) {
    this.#keepOn(typedSince);
    this.said(this.keeping.isKept ? why : "failed");
    clearTimeout(this.retryAt);
    this.retryAt = setTimeout(() => this.#retryNow(), this.wait);
    this.wait = Math.min(2 * this.wait, 60_000);
  }

  #retryNow() {
    clearTimeout(this.retryAt);
    this.retryAt = null;
    if (this.isDirty) this.save();
  }

  #saved(answer, byHand) {
    this.keys = [];
    this.sentAs = null;
    this.wait = 2000;
    clearTimeout(this.retryAt);
    this.retryAt = null;
    this.base = answer.base;
    for (const text of this.texts) {
      const own = answer.own?.[text.language];
      if (own !== undefined && !text.takeIdentities(own) && text.isAsSent && !text.isComposing) text.put(own);
    }
    if (!answer.html) this.seen = answer.head;
    else if (this.canPut()) this.putIn(answer);
    else this.typed(); // the text goes on; what others wrote comes with the next save
    for (const text of this.texts) if (answer.marks[text.language]) text.setMarks(answer.marks[text.language]);
    if (this.isDirty) this.keep();
    else {
      clearTimeout(this.keepTimer);
      this.keepTimer = null;
      this.keeping.drop();
    }
    this.said(answer.state === "unchanged" ? "saved" : answer.state, answer, byHand);
  }

  canPut() {
    return !this.isDirty && this.texts.every((text) => text.isAsSent && !text.isComposing);
  }

  // The text that stands, with what others wrote.
  putIn({ html, head, marks }) {
    for (const text of this.texts) {
      if (html[text.language] !== undefined) text.put(html[text.language]);
      if (marks?.[text.language]) text.setMarks(marks[text.language]);
    }
    this.base = head;
    this.seen = head;
  }
}

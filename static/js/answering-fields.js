// A respondent's forms (`<form data-autosave="statement/page">`) are saved as one goes: the same form is posted, and the
// server answers with a word. Without a connection the words stay on this device until it returns; `data-forget` forms
// (finished, sent) take them away. Without this script the page's own buttons do everything.
import { token } from "./csrf.js";

const PREFIX = "fc:answer:";
const COMMENTS = "fc:form:answer/"; // of answering-kept.js
const SENT = "fc:answer-sent";
const AFTER = 1500;
const AGAIN = 15000;
const OLDEST = 7 * 24 * 60 * 60 * 1000;
const OWN = new Set(["csrfmiddlewaretoken", "key", "website"]);

function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function forget() {
  try {
    for (const store of [localStorage, sessionStorage])
      for (const name of Object.keys(store))
        if (name.startsWith(PREFIX) || name.startsWith(COMMENTS)) store.removeItem(name);
  } catch {
    // Nothing was kept where nothing can be kept.
  }
}

function drop(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was kept.
  }
}

const written = (form) =>
  [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OWN.has(name));

function put(form, values) {
  for (const element of form.elements) {
    if (!element.name || OWN.has(element.name) || ["file", "submit", "button"].includes(element.type)) continue;
    const own = values.filter(([name]) => name === element.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(element.type)) element.checked = own.includes(element.value);
    else if (own.length) [element.value] = own;
  }
}

function start(form) {
  const name = PREFIX + form.dataset.autosave;
  const told = form.querySelector("[data-saved]");
  const shown = form.elements.namedItem("shown");
  let timer = null;
  let isUnderWay = false;
  let isWaiting = false;
  let isSent = false;
  let before = JSON.stringify(written(form));

  const tell = (text, isBad = false) => {
    if (told.textContent !== text) told.textContent = text;
    told.toggleAttribute("data-bad", isBad);
  };
  const keep = () => {
    try {
      localStorage.setItem(name, JSON.stringify({ at: Date.now(), values: written(form) }));
    } catch {
      // A private window may keep nothing; the server does.
    }
  };
  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(save, milliseconds);
  };

  async function save() {
    clearTimeout(timer);
    timer = null;
    if (isSent) return;
    if (isUnderWay) {
      isWaiting = true;
      return;
    }
    const now = JSON.stringify(written(form));
    if (now === before) return;
    isUnderWay = true;
    tell(form.dataset.saving);
    const body = new URLSearchParams(written(form));
    body.set("autosave", "1");
    try {
      const response = await fetch(form.getAttribute("action") || location.href, {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-CSRFToken": token() || form.elements.csrfmiddlewaretoken.value },
      });
      if (isSent) return;
      if (!(response.headers.get("Content-Type") || "").includes("json")) throw new Error(String(response.status));
      const answer = await response.json();
      if (response.ok) {
        before = now;
        if (shown && answer.shown) {
          before = JSON.stringify(JSON.parse(now).map(([key, value]) => [key, key === "shown" ? answer.shown : value]));
          shown.value = answer.shown;
        }
        drop(name);
        tell(answer.saved);
      } else {
        keep();
        tell(`${form.dataset.notSaved} ${answer.error}`, true);
        if (response.status === 429) later(AGAIN * 4);
      }
    } catch {
      if (isSent) return;
      keep();
      tell(form.dataset.offline, true);
      later(AGAIN);
    } finally {
      isUnderWay = false;
      if (isWaiting) {
        isWaiting = false;
        later(AFTER);
      }
    }
  }

  const earlier = kept(name);
  const words = (values) => JSON.stringify(values.filter(([key]) => key !== "shown"));
  const isBack = form.querySelector(".is-invalid, .fc-error-summary") || document.querySelector(".fc-error-summary");
  if (earlier && (isBack || Date.now() - earlier.at > OLDEST || words(earlier.values) === words(written(form)))) {
    drop(name);
  } else if (earlier) {
    put(form, earlier.values);
    save();
  }
  form.addEventListener("input", (event) => {
    if (event.target.type !== "file") later(AFTER);
  });
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file") later(200);
  });
  form.addEventListener("submit", () => {
    keep();
    sessionStorage.setItem(SENT, name);
    isSent = true;
    clearTimeout(timer);
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("pagehide", () => {
    if (timer && !isSent) keep();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isSent = false;
  });
}

for (const form of document.querySelectorAll("form[data-forget]")) form.addEventListener("submit", forget);
const forms = [...document.querySelectorAll("form[data-autosave]")];
// What was sent has arrived: another page than its form came after it.
const sent = sessionStorage.getItem(SENT);
if (sent && !forms.some((form) => PREFIX + form.dataset.autosave === sent)) drop(sent);
sessionStorage.removeItem(SENT);
forms.forEach(start);

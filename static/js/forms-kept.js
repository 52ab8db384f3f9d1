// What was typed into a form (`<form data-keep="person/page">`) and not sent is kept on this device, and offered back to
// the same person. A form that was sent is forgotten when another page than it, or than the sign-in, comes after it.
const PREFIX = "fc:form:";
const SENT = "fc:form-sent";
const OLDEST = 60 * 24 * 60 * 60 * 1000;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "back"]);

const fields = (form) =>
  [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));

function put(form, values) {
  for (const element of form.elements) {
    if (!element.name || NOT_KEPT.has(element.name) || ["file", "submit", "button"].includes(element.type)) continue;
    const own = values.filter(([name]) => name === element.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(element.type)) element.checked = own.includes(element.value);
    else if (element.multiple) for (const option of element.options) option.selected = own.includes(option.value);
    else if (own.length) [element.value] = own;
  }
}

// A form whose fields the server adds and moves (`data-keep-draw`, the value of its button for drawing it again): what was
// kept may have fields that the page has not, so the server draws the form with all of it.
function draw(form, values) {
  const sent = document.createElement("form");
  sent.method = "post";
  sent.hidden = true;
  const token = ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value];
  for (const [name, value] of [token, ...values, ["do", form.dataset.keepDraw]]) {
    const field = document.createElement("textarea");
    [field.name, field.value] = [name, value];
    sent.append(field);
  }
  document.body.append(sent);
  sent.submit();
}

// Of somebody who has no name here yet the words stay in this tab: others may sit down at the same device later.
const storeOf = (form) => (form.dataset.keepIn === "session" ? sessionStorage : localStorage);

function read(store, name) {
  try {
    return JSON.parse(store.getItem(name));
  } catch {
    return null;
  }
}

export function startForm(form) {
  const name = PREFIX + form.dataset.keep;
  const store = storeOf(form);
  const before = JSON.stringify(fields(form));
  const kept = read(store, name);
  const notice = form.querySelector("[data-kept]");
  let timer = null;
  let isSent = false;
  const keep = () => {
    clearTimeout(timer);
    timer = null;
    try {
      store.setItem(name, JSON.stringify({ at: Date.now(), values: fields(form) }));
      return true;
    } catch {
      return false;
    }
  };
  const isOffered = kept && Date.now() - kept.at < OLDEST && JSON.stringify(kept.values) !== before;
  if (kept && !isOffered) store.removeItem(name);
  if (isOffered && notice) {
    notice.hidden = false;
    notice.querySelector("[data-kept-take]").addEventListener("click", () => {
      if (form.dataset.keepDraw) {
        draw(form, kept.values);
        return;
      }
      put(form, kept.values);
      notice.remove();
      form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    });
    notice.querySelector("[data-kept-drop]").addEventListener("click", () => {
      store.removeItem(name);
      notice.remove();
    });
  }
  form.addEventListener("input", () => {
    timer ??= setTimeout(keep, 500);
  });
  form.addEventListener("submit", () => {
    isSent = true;
    if (keep()) sessionStorage.setItem(SENT, JSON.stringify({ name, path: location.pathname }));
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && timer && !keep()) event.preventDefault();
  });
}

function forgetSent() {
  let sent;
  try {
    sent = JSON.parse(sessionStorage.getItem(SENT));
  } catch {
    return;
  }
  if (!sent || location.pathname === sent.path) return;
  if (/\/(login|accounts)\//.test(location.pathname)) return;
  for (const store of [localStorage, sessionStorage]) store.removeItem(sent.name);
  sessionStorage.removeItem(SENT);
}

// What was typed into a form has been taken in without another page coming.
export function forgetForm(form) {
  storeOf(form).removeItem(PREFIX + form.dataset.keep);
}

export function startKeptForms() {
  forgetSent();
  for (const form of document.querySelectorAll("form[data-keep]")) startForm(form);
}

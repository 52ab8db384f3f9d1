// After htmx has put a piece of page in: its tabs start, focus goes where the piece says
// (`data-focus`), and its message (`data-announce`) is read out. What did not come is said, too.
import { token } from "./csrf.js";
import { startTabs } from "./tabs.js";
import { announce } from "./toasts.js";

// The server's own word, or that something went wrong on the way.
function whatFailed({ xhr }) {
  try {
    return JSON.parse(xhr.responseText).error || "";
  } catch {
    return "";
  }
}

export function startSwaps() {
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" && token()) event.detail.parameters.csrfmiddlewaretoken = token();
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, (event) => {
      const list = document.querySelector(".fc-toasts--floating");
      announce(whatFailed(event.detail) || list?.dataset.failed || "", "bad");
    });
  }
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const piece = event.detail.elt;
    startTabs(piece);
    const focus = piece.matches("[data-focus]") ? piece : piece.querySelector("[data-focus]");
    focus?.focus();
    const said = piece.matches("[data-announce]") ? piece : piece.querySelector("[data-announce]");
    if (said) announce(said.dataset.announce);
  });
  // A form that did not validate (422) is swapped in like a good answer.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 422) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
}

// The pass over what others have changed: from one change to the next, by buttons or Alt and the arrow keys.
// Beside the editor: who wrote the paragraph in which the cursor is.
function pass() {
  return document.querySelector("[data-pass]");
}

function step(forward) {
  const changes = [...document.querySelectorAll("[data-change]")];
  if (!changes.length) return;
  const here = changes.findIndex((change) => change.contains(document.activeElement));
  let next = here + (forward ? 1 : -1);
  if (here < 0) {
    // Nobody has stepped yet: the first change that is not above what is on the screen.
    next = forward ? changes.findIndex((change) => change.getBoundingClientRect().bottom > 0) : changes.length - 1;
  }
  const change = changes[Math.max(0, Math.min(next, changes.length - 1))];
  change.focus({ preventScroll: true });
  change.scrollIntoView({ block: "center" });
}

function start() {
  pass()
    ?.querySelectorAll("[data-pass-next], [data-pass-previous]")
    .forEach((button) => {
      button.hidden = false;
    });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-pass-next], [data-pass-previous]");
  if (button) step("passNext" in button.dataset);
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !pass()) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  step(event.key === "ArrowDown");
});

document.body.addEventListener("htmx:afterSettle", start);
start();

const who = document.querySelector("[data-who]");
let block = "";

function noteBlock() {
  const node = document.getSelection()?.anchorNode;
  const element = node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement;
  const found = element?.closest("[contenteditable] [data-id]");
  if (found) block = found.dataset.id;
}

async function tellWho() {
  const answer = who.querySelector("[data-who-answer]");
  const url = `${who.dataset.who}?block=${encodeURIComponent(block)}`;
  const reply = block ? await fetch(url).catch(() => null) : null;
  if (reply?.ok && !reply.redirected) answer.innerHTML = await reply.text();
  else answer.textContent = block && reply?.status !== 404 ? who.dataset.failed : who.dataset.nowhere;
}

if (who) {
  who.hidden = false;
  document.addEventListener("selectionchange", noteBlock);
  who.querySelector("[data-who-ask]").addEventListener("click", tellWho);
}

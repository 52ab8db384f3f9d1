// Keys that lead around the editor, and their list. A single key is listened to only outside text boxes, and can be
// turned off; everything else needs Alt or Ctrl.
import { flushed } from "./editor-outline.js";
import { showPart } from "./editor-parts.js";

const dialog = document.getElementById("shortcuts-dialog");
const single = document.getElementById("shortcuts-single");
const KEY = "single-key-shortcuts";

function isOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

const isWriting = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable=true], .ProseMirror"));

function show() {
  const before = document.activeElement;
  dialog.showModal();
  dialog.addEventListener("close", () => before?.focus?.(), { once: true });
}

const goals = {
  Digit1: () => {
    const part = showPart("part-outline");
    return part?.querySelector("[aria-current]") || part?.querySelector("a");
  },
  Digit2: () => {
    const part = showPart("part-text");
    return part?.querySelector(".ProseMirror, textarea") || part;
  },
  Digit3: () => {
    const part = showPart("part-aside");
    return part?.querySelector("button, a, summary") || part;
  },
};

async function follow(rel) {
  const link = document.querySelector(`.fc-neighbours a[rel=${rel}]`);
  if (!link) return;
  await flushed();
  link.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key === "?" && bare && isOn() && !isWriting(event.target)) {
    event.preventDefault();
    show();
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || event.getModifierState("AltGraph")) return;
  if (event.shiftKey && event.code in goals) {
    const target = goals[event.code]();
    if (!target) return;
    event.preventDefault();
    target.focus();
  } else if (!event.shiftKey && ["PageDown", "PageUp"].includes(event.key)) {
    event.preventDefault();
    follow(event.key === "PageDown" ? "next" : "prev");
  }
});

if (dialog) {
  for (const button of document.querySelectorAll("[data-shortcuts-open]")) {
    button.hidden = false;
    button.addEventListener("click", show);
  }
  single.checked = isOn();
  single.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, single.checked ? "on" : "off");
    } catch {
      // not allowed: then it holds for this page alone
    }
  });
}

// The text of a section in the browser. The form works without this: then its boxes hold the text with its marks.
import { Editor } from "../django_prose_editor/editor.js";
import { extensions } from "./editor-schema.js";
import { startToolbar } from "./editor-toolbar.js";

const allMarks = JSON.parse(document.getElementById("editor-marks")?.textContent || "{}");

function startEditor(box, onChange) {
  const textarea = box.querySelector("textarea");
  const inline = box.dataset.rich === "inline";
  const place = document.createElement("div");
  const editor = new Editor({
    element: place,
    injectCSS: false,
    content: inline ? `<p>${textarea.value}</p>` : textarea.value,
    extensions: extensions({
      inline,
      marks: inline ? {} : allMarks[box.dataset.language] || {},
      emptyHeading: box.dataset.emptyHeading || "",
    }),
    editorProps: {
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": box.dataset.label,
        lang: box.dataset.language,
        class: inline ? "fc-rich__text fc-rich__text--short" : "fc-rich__text",
        spellcheck: "true",
      },
    },
    onUpdate: () => {
      textarea.value = editor.getHTML();
      onChange();
    },
  });
  textarea.before(place);
  // The label names the plain box, which is now out of sight; the editor has the same name itself.
  box.querySelector("label").remove();
  textarea.hidden = true;
  startToolbar(box.querySelector('[role="toolbar"]'), editor);
  return { editor, textarea };
}

// --- Saving ---

// What was typed and has not reached the server is kept on this device until it has.
class Kept {
  constructor(key) {
    this.key = `text:${key}`;
  }
  put(value) {
    try {
      localStorage.setItem(this.key, JSON.stringify(value));
      return true;
    } catch {
      return false; // no room or not allowed: then the page itself is the only place
    }
  }
  get() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }
  drop() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // nothing was kept
    }
  }
}

function startForm(form) {
  const status = form.querySelector("[data-save-status]");
  const kept = new Kept(form.dataset.key);
  let changed = false;
  let leaving = false;
  const say = (text) => {
    status.textContent = text;
  };
  const boxes = [...form.querySelectorAll("[data-rich]")].map((box) =>
    startEditor(box, () => {
      if (!changed) say(form.dataset.unsaved);
      changed = true;
    }),
  );
  const snapshot = () => ({
    base: form.elements.base.value,
    client_key: form.elements.client_key.value,
    texts: Object.fromEntries(boxes.map(({ textarea }) => [textarea.name, textarea.value])),
  });

  // A text that was kept when the connection was gone, and has not been saved since.
  const earlier = kept.get();
  if (earlier) {
    form.elements.base.value = earlier.base;
    form.elements.client_key.value = earlier.client_key;
    for (const { editor, textarea } of boxes) {
      if (textarea.name in earlier.texts) editor.commands.setContent(earlier.texts[textarea.name], { emitUpdate: true });
    }
    changed = true;
    say(form.dataset.unsaved);
  }

  const save = () => form.requestSubmit();
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    }
  });
  form.addEventListener("htmx:beforeRequest", () => say(form.dataset.saving));
  form.addEventListener("htmx:sendError", () => {
    say(kept.put(snapshot()) ? form.dataset.offline : form.dataset.failed);
    window.addEventListener("online", save, { once: true });
  });
  form.addEventListener("htmx:responseError", () => {
    kept.put(snapshot());
    say(form.dataset.failed);
  });
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 422) say("");
    if (xhr.getResponseHeader("HX-Redirect")) {
      leaving = true;
      kept.drop();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving) event.preventDefault();
  });
}

for (const form of document.querySelectorAll("[data-edit-form]")) startForm(form);
for (const box of document.querySelectorAll("[data-rich]")) {
  if (box.closest("[data-edit-form]")) continue;
  startEditor(box, () => {});
}

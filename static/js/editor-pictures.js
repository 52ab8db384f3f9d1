// Pictures in the text: bringing one with its words, and changing them.
import { token } from "./csrf.js";
import { ask, asHtml, plainText } from "./editor-asking.js";

// A decorative picture has no words of its own: the box for them closes.
for (const form of document.querySelectorAll("form[data-picture-words]")) {
  const { alt, decorative } = form.elements;
  decorative.addEventListener("change", () => {
    alt.disabled = decorative.checked;
    alt.required = !decorative.checked;
  });
}

export async function describePicture(editor) {
  const now = editor.getAttributes("figure");
  const { button, alt, caption, decorative } = await ask("describe-dialog", {
    decorative: Boolean(now.decorative),
    alt: now.alt || "",
    caption: plainText(now.caption),
  });
  if (button !== "save") return editor.commands.focus();
  const same = caption === plainText(now.caption);
  const words = { alt: decorative ? "" : alt, decorative, caption: same ? now.caption : asHtml(caption) };
  return editor.chain().updateAttributes("figure", words).focus().run();
}

// Sends a form and tells how far it is: a picture of a phone takes its time on a slow line.
function send(form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      try {
        resolve({ ok: request.status < 300, answer: JSON.parse(request.responseText) });
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("error", reject);
    request.addEventListener("abort", reject);
    const data = new FormData(form);
    data.set("csrfmiddlewaretoken", token());
    request.send(data);
  });
}

export function addPicture(editor) {
  const dialog = document.getElementById("picture-dialog");
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  const progress = dialog.querySelector("progress");
  const told = dialog.querySelector("[data-progress]");
  const button = form.querySelector("button[type=submit]");
  form.reset();
  form.elements.decorative.dispatchEvent(new Event("change"));
  error.hidden = true;

  const busy = (on) => {
    button.setAttribute("aria-disabled", String(on));
    progress.hidden = !on;
    progress.value = 0;
    told.textContent = on ? told.dataset.sending : "";
  };
  const tell = (words, field) => {
    error.textContent = words;
    error.hidden = false;
    for (const name of ["picture", "alt"]) form.elements[name].removeAttribute("aria-invalid");
    if (!field || !form.elements[field]) return;
    form.elements[field].setAttribute("aria-invalid", "true");
    form.elements[field].focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    error.hidden = true;
    busy(true);
    try {
      const { ok, answer } = await send(form, (share) => {
        progress.value = share;
        if (share === 1) told.textContent = told.dataset.settling;
      });
      busy(false);
      if (ok) {
        const { file, src, alt, decorative } = answer;
        const attrs = { file, src, alt, decorative, caption: asHtml(answer.caption) };
        dialog.close();
        editor.chain().focus().insertContent({ type: "figure", attrs }).run();
        return;
      }
      tell(Object.values(answer.errors).flat().join(" "), Object.keys(answer.errors)[0]);
    } catch {
      busy(false);
      tell(form.dataset.failed);
    }
  };
  busy(false);
  form.addEventListener("submit", submit);
  dialog.addEventListener(
    "close",
    () => {
      form.removeEventListener("submit", submit);
      editor.commands.focus();
    },
    { once: true },
  );
  dialog.showModal();
}

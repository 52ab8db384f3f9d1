// Questions of the editor: the page's dialogs, filled in and read.

export const plainText = (html) => new DOMParser().parseFromString(html || "", "text/html").body.textContent;

export const asHtml = (text) => {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
};

// Opens one of the page's dialogs with values in its fields; answers which button closed it, and the values.
export function ask(id, values) {
  const dialog = document.getElementById(id);
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  if (error) error.hidden = true;
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const answers = {};
        for (const name of Object.keys(values)) {
          const field = form.elements[name];
          answers[name] = field.type === "checkbox" ? field.checked : field.value.trim();
        }
        resolve({ button: dialog.returnValue, ...answers });
      },
      { once: true },
    );
  });
}

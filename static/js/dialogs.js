// `data-dialog-open="id"` opens that <dialog>; inside, `data-dialog-close` closes it.
// An opener is a link to a page that asks the same question, so nothing is lost without JavaScript.
// `data-confirm-name` on an input: the submit button waits until the name is typed.

function watchName(dialog) {
  const input = dialog.querySelector("[data-confirm-name]");
  if (!input) return;
  const button = dialog.querySelector('button[type="submit"]');
  const check = () => {
    button.disabled = input.value.trim() !== input.dataset.confirmName;
  };
  input.addEventListener("input", check);
  check();
}

export function startDialogs() {
  for (const dialog of document.querySelectorAll("dialog.fc-dialog")) watchName(dialog);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (!dialog) return;
      event.preventDefault();
      dialog.showModal();
      dialog.addEventListener("close", () => opener.focus(), { once: true });
      return;
    }
    event.target.closest("[data-dialog-close]")?.closest("dialog").close();
  });
}

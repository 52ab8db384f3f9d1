// Buttons that only a script can do: copying an address, printing the page. Without a script they are not there.
import { announce } from "./toasts.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // An address without https has no clipboard: the words are selected, and the old way may still be there.
      if (!document.execCommand("copy")) return;
    }
    announce(button.dataset.copied);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

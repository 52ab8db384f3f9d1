// Messages of the server: `<div class="fc-toasts">`, a live region. They stay until they are closed.

function addCloseButton(list, toast) {
  const template = list.querySelector("template");
  if (!template || toast.querySelector(".fc-toast__close")) return;
  toast.append(template.content.cloneNode(true));
}

export function startToasts() {
  for (const list of document.querySelectorAll(".fc-toasts")) {
    for (const toast of list.querySelectorAll(".fc-toast")) addCloseButton(list, toast);
    list.addEventListener("click", (event) => {
      if (event.target.closest(".fc-toast__close")) event.target.closest(".fc-toast").remove();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open], details.fc-menu[open]")) return;
    document.querySelector(".fc-toasts--floating .fc-toast:last-of-type")?.remove();
  });
}

// Says something without moving the focus; `tone` is good, note, warn or bad.
export function announce(text, tone = "good") {
  const list = document.querySelector(".fc-toasts--floating");
  if (!list) return;
  // The same again takes the place of the earlier one: on a phone a pile of them would cover the form.
  for (const earlier of list.querySelectorAll(".fc-toast")) {
    if (earlier.querySelector("p")?.textContent.trim() === text.trim()) earlier.remove();
  }
  const toast = document.createElement("div");
  toast.className = `fc-toast fc-tone-${tone}`;
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  toast.append(paragraph);
  list.append(toast);
  addCloseButton(list, toast);
}

// `<div class="fc-choices" data-search="Find an organisation">` with a long list of boxes gets a field that
// shows only those whose label has the typed words. Chosen ones always show. Without it the list just scrolls.

const MANY = 12;

for (const frame of document.querySelectorAll(".fc-choices[data-search]")) {
  const boxes = [...frame.querySelectorAll(".form-check")];
  if (boxes.length < MANY) continue;
  const input = document.createElement("input");
  input.type = "search";
  input.className = "form-control fc-choices__find";
  input.setAttribute("aria-label", `${frame.dataset.search}: ${frame.querySelector("legend, label")?.textContent.trim() ?? ""}`);
  input.placeholder = frame.dataset.search;
  input.addEventListener("input", () => {
    const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const box of boxes) {
      const text = box.textContent.toLocaleLowerCase();
      box.hidden = !box.querySelector("input").checked && !words.every((word) => text.includes(word));
    }
  });
  // Enter looks for something here; it does not send the form.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  boxes[0].parentElement.before(input);
}

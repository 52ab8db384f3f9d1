// Going through remarks by keyboard: Ctrl+Enter records, Ctrl and an arrow go on without recording.

const form = document.querySelector("[data-meeting-form]");
const first = form?.querySelector("input[type=radio]");

// The outcome is what the hand on the keyboard waits for; errors take the focus themselves.
if (first && !document.querySelector("[data-focus]")) {
  first.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
    return;
  }
  if (event.key === "Enter" && form) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.target.closest("textarea, input:not([type=radio]), select")) {
    return;
  }
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = way && document.querySelector(`a[rel=${way}]`);
  if (link) {
    event.preventDefault();
    link.click();
  }
});

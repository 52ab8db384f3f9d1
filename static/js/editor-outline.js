// The contents beside a text. On a phone they stand above it: closed, until somebody wants them.
// Where they scroll by themselves, the section that is being read is in sight.

for (const outline of document.querySelectorAll("details[data-outline]")) {
  if (window.matchMedia("(max-width: 61.99rem)").matches) outline.open = false;
  const frame = outline.parentElement;
  const current = outline.querySelector("[aria-current]");
  if (!current || frame.scrollHeight <= frame.clientHeight) continue;
  const offset = current.getBoundingClientRect().top - frame.getBoundingClientRect().top;
  frame.scrollTop = offset - frame.clientHeight / 3;
}

// An address that ends in #b-… leads to a block; in the editor blocks are there only when it has started.

const PATIENCE = 10_000;

function blockOf(id) {
  return document.getElementById(`b-${id}`) || document.querySelector(`.ProseMirror [data-id="${CSS.escape(id)}"]`);
}

function show(block) {
  block.closest("details:not([open])")?.setAttribute("open", "");
  block.scrollIntoView({ block: "center" });
  const editor = block.closest(".ProseMirror");
  // On a touch screen the keyboard would come up over the text.
  if (editor && matchMedia("(pointer: fine)").matches) {
    editor.focus({ preventScroll: true });
    getSelection().collapse(block, 0);
  }
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const tint = getComputedStyle(document.documentElement).getPropertyValue("--fc-warn-soft");
    block.animate([{ backgroundColor: tint }, { backgroundColor: tint, offset: 0.6 }, {}], 2500);
  }
}

function follow() {
  const id = window.location.hash.match(/^#b-([\w-]+)$/)?.[1];
  if (!id) return;
  const block = blockOf(id);
  if (block) {
    show(block);
    return;
  }
  const watch = new MutationObserver(() => {
    const found = blockOf(id);
    if (!found) return;
    watch.disconnect();
    // The editor still puts its text in order in this turn.
    requestAnimationFrame(() => show(blockOf(id) || found));
  });
  watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), PATIENCE);
}

window.addEventListener("hashchange", follow);
follow();

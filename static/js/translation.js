// The translator's boxes: what was typed and not saved is kept on this device and offered back.
// Runs before the editor starts, so that the boxes begin with what was brought back.
const form = document.querySelector("[data-translate]");

// Words alone: the server writes marks and spaces in its own way.
const words = (value) => new DOMParser().parseFromString(value, "text/html").body.textContent.replace(/\s+/g, " ").trim();

function startKeeping() {
  const key = `translation:${form.dataset.key}`;
  const status = form.querySelector("[data-save-status]");
  const boxes = () => [...form.elements].filter((box) => /^(t-|heading$)/.test(box.name));
  const first = new Map(boxes().map((box) => [box.name, box.value]));
  let changed = false;
  let leaving = false;

  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(key));
  } catch {
    // nothing that could be read was kept
  }
  if (kept) {
    let brought = 0;
    for (const box of boxes()) {
      const value = kept.texts[box.name];
      if (value === undefined || words(value) === words(box.value)) continue;
      box.value = value;
      brought += 1;
    }
    if (brought) {
      form.elements.base.value = kept.base;
      changed = true;
      status.textContent = form.dataset.back;
    } else {
      localStorage.removeItem(key);
    }
  }

  const keep = () => {
    const texts = {};
    for (const box of boxes()) if (words(box.value) !== words(first.get(box.name) ?? "")) texts[box.name] = box.value;
    try {
      if (Object.keys(texts).length) localStorage.setItem(key, JSON.stringify({ base: form.elements.base.value, texts }));
      else localStorage.removeItem(key);
    } catch {
      // no room or not allowed: then the page itself is the only place
    }
  };
  let waiting = 0;
  const noted = () => {
    if (!changed) status.textContent = form.dataset.unsaved;
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 800);
  };
  form.addEventListener("input", noted);
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-command]")) noted();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", () => {
    keep();
    leaving = true;
    status.textContent = form.dataset.saving;
  });
  window.addEventListener("beforeunload", (event) => {
    keep();
    if (changed && !leaving) event.preventDefault();
  });
}

if (form) startKeeping();

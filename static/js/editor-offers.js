// Text of an earlier visit that did not reach the server is offered back. It stays on the device until somebody chooses.

const time = (at, language) =>
  new Intl.DateTimeFormat(language, { day: "numeric", month: "numeric", hour: "numeric", minute: "2-digit" }).format(at);

function paragraphs(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = [...page.querySelectorAll("p, h3, h4, li, td, th, figcaption, caption")];
  return found
    .filter((element) => !element.querySelector("p, li"))
    .map((element) => element.textContent.replace(/\s+/g, " ").trim())
    .filter(Boolean);
}

// Paragraphs that only one of two texts has, in the order of the kept one.
function difference(here, kept) {
  const [now, then] = [paragraphs(here), paragraphs(kept)];
  const [inNow, inThen] = [new Set(now), new Set(then)];
  return {
    onlyKept: then.filter((words) => !inNow.has(words)),
    onlyHere: now.filter((words) => !inThen.has(words)),
  };
}

function list(place, title, words, tag) {
  if (!words.length) return;
  const heading = document.createElement("p");
  heading.append(document.createElement("strong"));
  heading.firstChild.textContent = title;
  place.append(heading);
  for (const text of words) {
    const paragraph = document.createElement("p");
    const mark = document.createElement(tag);
    mark.textContent = text;
    paragraph.append(mark);
    place.append(paragraph);
  }
}

export async function offerKept({ template, place, keeping, saving, presence, language }) {
  for (const entry of await keeping.left()) {
    if (saving.texts.every((text) => !(text.name in entry.texts) || entry.texts[text.name] === text.textarea.value)) {
      keeping.forget(entry);
      continue;
    }
    // The answer did not come, but the text may have.
    const isAllSent = entry.sentAs && JSON.stringify(entry.sentAs) === JSON.stringify(entry.texts);
    if (isAllSent && entry.keys?.length) {
      const answer = await presence.tell(entry.keys.slice(-1));
      if (answer?.arrived) {
        keeping.forget(entry);
        continue;
      }
    }
    place.append(offer(entry));
  }

  function offer(entry) {
    const notice = template.content.firstElementChild.cloneNode(true);
    const title = notice.querySelector("[data-offer-title]");
    title.textContent = title.textContent.replace("{when}", time(entry.at, language));
    const shown = notice.querySelector("[data-offer-difference]");
    notice.querySelector("[data-offer-show]").addEventListener("click", (event) => {
      const button = event.currentTarget;
      const isOpen = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!isOpen));
      shown.hidden = isOpen;
      shown.replaceChildren();
      for (const text of saving.texts) {
        if (!(text.name in entry.texts)) continue;
        const { onlyKept, onlyHere } = difference(text.textarea.value, entry.texts[text.name]);
        list(shown, shown.dataset.kept, onlyKept, "ins");
        list(shown, shown.dataset.here, onlyHere, "del");
      }
    });
    const close = () => {
      keeping.forget(entry);
      notice.remove();
      saving.texts[0]?.editor.commands.focus();
    };
    notice.querySelector("[data-offer-take]").addEventListener("click", async () => {
      await saving.save();
      if (!saving.isClean) return; // what is written now goes first; the offer stays
      for (const text of saving.texts) {
        if (text.name in entry.texts) text.write(entry.texts[text.name]);
      }
      saving.goOnFrom(entry);
      saving.keep();
      close();
      await saving.save();
    });
    notice.querySelector("[data-offer-drop]").addEventListener("click", close);
    return notice;
  }
}

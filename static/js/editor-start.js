// An empty text may begin with what its task gives: a table to be filled in.
import { pm } from "../django_prose_editor/editor.js";

const { TextSelection } = pm.state;

const isEmpty = ({ editor }) => !editor.state.doc.textContent.trim() && editor.state.doc.childCount < 2;

// The first cell below the headings.
function firstCell(doc) {
  let place = null;
  doc.descendants((node, position) => {
    if (place === null && node.type.name === "tableCell") place = position;
    return place === null;
  });
  return place;
}

// One table is offered, in the language where somebody begins; the other languages of it follow when it is saved.
export function offerStarts(form, texts) {
  const offers = [...form.querySelectorAll("[data-start]")];
  const show = () => {
    for (const offer of offers) offer.hidden = !texts.every(isEmpty);
  };
  for (const offer of offers) {
    const box = offer.closest("[data-rich]");
    const text = texts.find(({ language }) => language === box.dataset.language);
    offer.querySelector("[data-start-put]").addEventListener("click", () => {
      text.write(offer.querySelector("template").innerHTML);
      text.editor
        .chain()
        .focus()
        .command(({ tr }) => {
          const place = firstCell(tr.doc);
          if (place !== null) tr.setSelection(TextSelection.near(tr.doc.resolve(place + 1)));
          return true;
        })
        .run();
    });
  }
  if (!offers.length) return;
  for (const { editor } of texts) editor.on("update", show);
  show();
}

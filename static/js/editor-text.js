// One text of a section as the browser edits it, and putting into it what the server says: without moving the cursor,
// without a place in the history of undoing, and without a word of what the writer has typed meanwhile.
import { Editor, createDocument, pm } from "../django_prose_editor/editor.js";
import { settlePasted } from "./editor-paste.js";
import { extensions } from "./editor-schema.js";
import { startToolbar } from "./editor-toolbar.js";

const { Mapping } = pm.transform;
const FROM_SERVER = "fc:from-server";
const HOLDERS = ["listItem", "blockquote", "tableCell", "tableHeader"];
const KEPT_EMPTY = ["table", "tableRow", "tableCell", "tableHeader", "figure"];
const allMarks = JSON.parse(document.getElementById("editor-marks")?.textContent || "{}");

const letters = (node) => node.textContent.replace(/\s+/g, "");

// Everything that has an identity of its own (or is a column's cell), as the server counts it: empty ones left out.
function carriers(doc) {
  const found = [];
  doc.descendants((node, position, parent) => {
    if (node.isTextblock && HOLDERS.includes(parent.type.name)) return false;
    if ("data-id" in node.attrs || "data-col" in node.attrs) {
      if (letters(node) || KEPT_EMPTY.includes(node.type.name)) found.push({ node, position });
    }
    return !node.isTextblock;
  });
  return found;
}

// What two states of one place are told by: the first identity in it.
function nameOf(node) {
  let id = node.attrs["data-id"] || node.attrs["data-structured"];
  node.descendants((child) => {
    id = id || child.attrs["data-id"];
    return !id;
  });
  return id ? `${node.type.name} ${id}` : `${node.type.name} ${letters(node)}`;
}

// Pairs of places with the same name, along the longest common order; what is equal at both ends is not counted.
function pairs(old, fresh) {
  const found = [];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) {
    found.push([start, start]);
    start += 1;
  }
  const tail = [];
  let a = old.length;
  let b = fresh.length;
  while (a > start && b > start && old[a - 1] === fresh[b - 1]) {
    a -= 1;
    b -= 1;
    tail.unshift([a, b]);
  }
  const longest = Array.from({ length: a - start + 1 }, () => new Uint16Array(b - start + 1));
  for (let i = a - 1; i >= start; i -= 1) {
    for (let j = b - 1; j >= start; j -= 1) {
      longest[i - start][j - start] =
        old[i] === fresh[j]
          ? longest[i - start + 1][j - start + 1] + 1
          : Math.max(longest[i - start + 1][j - start], longest[i - start][j - start + 1]);
    }
  }
  for (let i = start, j = start; i < a && j < b; ) {
    if (old[i] === fresh[j]) {
      found.push([i, j]);
      i += 1;
      j += 1;
    } else if (longest[i - start + 1][j - start] >= longest[i - start][j - start + 1]) i += 1;
    else j += 1;
  }
  return [...found, ...tail];
}

function starts(doc) {
  const places = [];
  doc.forEach((_node, offset) => places.push(offset));
  return [...places, doc.content.size];
}

// Changes only what differs inside one place, so that a cursor elsewhere in it stays.
function replaceInside(tr, old, fresh, position) {
  const start = old.content.findDiffStart(fresh.content);
  if (start === null) return;
  let { a, b } = old.content.findDiffEnd(fresh.content);
  const overlap = start - Math.min(a, b);
  if (overlap > 0) {
    a += overlap;
    b += overlap;
  }
  tr.replace(position + start, position + a, fresh.slice(start, b));
}

export class SectionText {
  constructor(box, onChange) {
    this.textarea = box.querySelector("textarea");
    this.language = box.dataset.language;
    this.isInline = box.dataset.rich === "inline";
    this.marks = this.isInline ? {} : allMarks[this.language] || {};
    this.version = 0; // counts what the writer has done
    this.sent = null;
    const place = document.createElement("div");
    this.editor = new Editor({
      element: place,
      injectCSS: false,
      content: this.isInline ? `<p>${this.textarea.value}</p>` : this.textarea.value,
      extensions: extensions({
        inline: this.isInline,
        marks: this.marks,
        emptyHeading: box.dataset.emptyHeading || "",
      }),
      editorProps: {
        transformPastedHTML: settlePasted,
        attributes: {
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": box.dataset.label,
          lang: this.language,
          class: this.isInline ? "fc-rich__text fc-rich__text--short" : "fc-rich__text",
          spellcheck: "true",
        },
      },
      onTransaction: ({ transaction }) => {
        if (transaction.docChanged) this.sent?.mapping.appendMapping(transaction.mapping);
      },
      onUpdate: ({ transaction }) => {
        this.textarea.value = this.editor.getHTML();
        if (transaction.getMeta(FROM_SERVER)) return;
        this.version += 1;
        onChange(this);
      },
    });
    this.textarea.before(place);
    // The label names the plain box, which is now out of sight; the editor has the same name itself.
    box.querySelector("label")?.remove();
    this.textarea.hidden = true;
    startToolbar(box.querySelector('[role="toolbar"]'), this.editor);
  }

  get name() {
    return this.textarea.name;
  }

  get isComposing() {
    return this.editor.view.composing;
  }

  parse(html) {
    return createDocument(html, this.editor.schema);
  }

  // What is sent now: later answers are about this state.
  noteSent() {
    this.sent = { doc: this.editor.state.doc, mapping: new Mapping(), version: this.version };
    return this.textarea.value;
  }

  get isAsSent() {
    return !this.sent || this.sent.version === this.version;
  }

  // Take over the identities that the server gave to what was sent. Answers whether it was the same text.
  takeIdentities(html) {
    const ours = carriers(this.sent.doc);
    const theirs = carriers(this.parse(html));
    const isSame =
      ours.length === theirs.length &&
      ours.every(({ node }, index) => {
        const other = theirs[index].node;
        return node.type === other.type && letters(node) === letters(other);
      });
    if (!isSame) return false;
    const { tr } = this.editor.state;
    ours.forEach(({ node, position }, index) => {
      const place = this.sent.mapping.mapResult(position);
      const now = place.deleted ? null : tr.doc.nodeAt(place.pos);
      if (!now || now.type !== node.type) return;
      for (const name of ["data-id", "data-col", "data-pasted"]) {
        if (!(name in node.attrs) || now.attrs[name] !== node.attrs[name]) continue;
        const value = theirs[index].node.attrs[name];
        if (value !== now.attrs[name]) tr.setNodeAttribute(place.pos, name, value);
      }
    });
    this.#dispatch(tr);
    return true;
  }

  // Put the text that stands in place of the one that is here.
  put(html) {
    const { doc, tr } = this.editor.state;
    const fresh = this.parse(html);
    const [oldNodes, newNodes] = [doc.content.content, fresh.content.content];
    const [oldStarts, newStarts] = [starts(doc), starts(fresh)];
    const common = [...pairs(oldNodes.map(nameOf), newNodes.map(nameOf)), [oldNodes.length, newNodes.length]];
    for (let index = common.length - 1; index >= 0; index -= 1) {
      const [i, j] = common[index];
      if (i < oldNodes.length && !oldNodes[i].eq(newNodes[j])) {
        if (oldNodes[i].sameMarkup(newNodes[j]) && !oldNodes[i].isAtom) {
          replaceInside(tr, oldNodes[i], newNodes[j], oldStarts[i] + 1);
        } else tr.replaceWith(oldStarts[i], oldStarts[i + 1], newNodes[j]);
      }
      const [a, b] = index ? [common[index - 1][0] + 1, common[index - 1][1] + 1] : [0, 0];
      const gone = oldNodes.slice(a, i);
      const come = newNodes.slice(b, j);
      // An empty paragraph is where somebody is about to write.
      if (!come.length && gone.every((node) => node.isTextblock && !letters(node))) continue;
      if (gone.length || come.length) tr.replace(oldStarts[a], oldStarts[i], fresh.slice(newStarts[b], newStarts[j]));
    }
    this.#dispatch(tr);
  }

  // As if the writer had written it here now.
  write(html) {
    this.editor.commands.setContent(html, { emitUpdate: true });
  }

  setMarks(marks) {
    for (const id of Object.keys(this.marks)) delete this.marks[id];
    Object.assign(this.marks, marks);
    this.editor.view.dispatch(this.editor.state.tr.setMeta(FROM_SERVER, true));
  }

  #dispatch(tr) {
    if (!tr.docChanged) return;
    this.editor.view.dispatch(tr.setMeta("addToHistory", false).setMeta(FROM_SERVER, true));
  }
}

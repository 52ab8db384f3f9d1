// What a text may consist of: the kinds of block that the server keeps, each with the identity it was given.
import {
  Blockquote,
  Bold,
  BulletList,
  Document,
  Extension,
  Gapcursor,
  HardBreak,
  Heading,
  History,
  Italic,
  ListItem,
  Mark,
  Node,
  OrderedList,
  Paragraph,
  Plugin,
  Table,
  TableCell,
  TableHeader,
  TableRow,
  Text,
  mergeAttributes,
  pm,
} from "../django_prose_editor/editor.js";

import { PastedTable } from "./editor-tables.js";

const { Decoration, DecorationSet } = pm.view;
const { Fragment, Slice } = pm.model;

const CARRIERS = ["paragraph", "heading", "listItem", "blockquote", "table", "tableRow", "figure"];
const INLINE = new Set(["STRONG", "B", "EM", "I", "A", "SPAN", "BR"]);
export const LINK = /^(https?:\/\/|mailto:|tel:)\S+$/i;

// The words of an element with the marks that a caption may have, and nothing else.
function inlineHtml(element) {
  if (!element) return "";
  const clean = document.implementation.createHTMLDocument("").createElement("div");
  const copy = (from, to) => {
    for (const child of from.childNodes) {
      if (child.nodeType === 3) to.append(child.textContent);
      if (child.nodeType !== 1) continue;
      if (!INLINE.has(child.tagName)) {
        copy(child, to);
        continue;
      }
      const kept = clean.ownerDocument.createElement(child.tagName);
      if (child.tagName === "A" && LINK.test(child.getAttribute("href") || "")) {
        kept.setAttribute("href", child.getAttribute("href"));
      }
      if (child.tagName === "SPAN" && child.classList.contains("note")) kept.className = "note";
      copy(child, kept);
      to.append(kept);
    }
  };
  copy(element, clean);
  return clean.innerHTML.trim();
}

function withCaption(tag, html) {
  const element = document.createElement(tag);
  element.innerHTML = html; // `inlineHtml` made it
  return element;
}

// Every block keeps the id that the server gave it; what comes from the clipboard says so.
const Identity = Extension.create({
  name: "identity",
  addGlobalAttributes() {
    const kept = (name) => ({
      default: null,
      keepOnSplit: false,
      parseHTML: (element) => element.getAttribute(name),
      renderHTML: (attributes) => (attributes[name] ? { [name]: attributes[name] } : {}),
    });
    return [
      { types: CARRIERS, attributes: { "data-id": kept("data-id"), "data-pasted": kept("data-pasted") } },
      { types: ["tableCell", "tableHeader"], attributes: { "data-col": kept("data-col") } },
    ];
  },
  addProseMirrorPlugins() {
    const mark = (node) => {
      if (node.isText) return node;
      const content = Fragment.fromArray(node.content.content.map(mark));
      if (!CARRIERS.includes(node.type.name)) return node.copy(content);
      return node.type.create({ ...node.attrs, "data-pasted": "1" }, content, node.marks);
    };
    return [
      new Plugin({
        props: {
          transformPasted: (slice) =>
            new Slice(Fragment.fromArray(slice.content.content.map(mark)), slice.openStart, slice.openEnd),
        },
      }),
    ];
  },
});

// What stands in the original, shown in the empty paragraph of a list item or a quote, or in each empty cell of a row.
function originals(node, position, mark) {
  const found = [];
  node.descendants((child, offset, parent) => {
    if (!child.inlineContent) return;
    const words = mark.cells ? mark.cells[parent.attrs["data-col"]] : mark.original;
    if (!words) return;
    const start = position + 1 + offset;
    if (parent.type.name === "tableHeader") return; // `EmptyHeadings` says it in words
    found.push(Decoration.node(start, start + child.nodeSize, { "data-original": words }));
  });
  return found;
}

// Paragraphs whose translation is missing or behind: marked beside the text, never in it.
const TranslationMarks = Extension.create({
  name: "translationMarks",
  addOptions: () => ({ marks: {} }),
  addProseMirrorPlugins() {
    const { marks } = this.options;
    return [
      new Plugin({
        props: {
          decorations(state) {
            const found = [];
            state.doc.descendants((node, position) => {
              const mark = marks[node.attrs["data-id"]];
              if (!mark) return;
              const missing = mark.state === "missing";
              if (missing && node.textContent) return;
              const attributes = { class: `fc-translation fc-translation--${mark.state}` };
              if (missing && node.inlineContent) attributes["data-original"] = mark.original;
              if (node.type.name === "table") return;
              found.push(Decoration.node(position, position + node.nodeSize, attributes));
              if (missing && !node.inlineContent) found.push(...originals(node, position, mark));
            });
            return DecorationSet.create(state.doc, found);
          },
        },
      }),
    ];
  },
});

// An empty heading has no words for those who hear it: it says what stands in the original, or that it is empty.
const EmptyHeadings = Extension.create({
  name: "emptyHeadings",
  addOptions: () => ({ marks: {}, empty: "" }),
  addProseMirrorPlugins() {
    const { marks, empty } = this.options;
    const words = (row, cell) => marks[row.attrs["data-id"]]?.cells?.[cell.attrs["data-col"]];
    const widget = (text, known) => () => {
      const element = document.createElement("span");
      element.className = known ? "fc-original" : "visually-hidden";
      element.textContent = text;
      return element;
    };
    return [
      new Plugin({
        props: {
          decorations(state) {
            const found = [];
            state.doc.descendants((node, position, parent) => {
              if (node.type.name === "heading" && !node.textContent) {
                const label = marks[node.attrs["data-id"]]?.original || empty;
                found.push(Decoration.node(position, position + node.nodeSize, { "aria-label": label }));
              }
              if (node.type.name !== "tableHeader" || node.textContent || !node.firstChild) return;
              const known = words(parent, node);
              // Beside the paragraph, not in it: there the browser would lose the place of the cursor.
              const options = { side: -1, ignoreSelection: true, key: known || "empty" };
              found.push(Decoration.widget(position + 1, widget(known || empty, Boolean(known)), options));
            });
            return DecorationSet.create(state.doc, found);
          },
        },
      }),
    ];
  },
});

const Link = Mark.create({
  name: "link",
  inclusive: false,
  addAttributes: () => ({ href: { default: null } }),
  parseHTML: () => [
    { tag: "a[href]", getAttrs: (element) => (LINK.test(element.getAttribute("href")) ? null : false) },
  ],
  renderHTML: ({ HTMLAttributes }) => ["a", HTMLAttributes, 0],
});

// A footnote's own words, standing where it is called.
const Note = Mark.create({
  name: "note",
  inclusive: false,
  parseHTML: () => [{ tag: "span.note" }],
  renderHTML: () => ["span", { class: "note" }, 0],
});

const captionAttribute = (selector) => ({
  default: "",
  parseHTML: (element) => inlineHtml(element.querySelector(selector)),
  rendered: false,
});

const CaptionedTable = Table.extend({
  addAttributes() {
    return { ...this.parent?.(), caption: captionAttribute(":scope > caption") };
  },
  // Drawn by `renderHTML` alone: the library's own view knows no caption and writes inline styles.
  addNodeView: () => null,
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }],
  renderHTML({ node, HTMLAttributes }) {
    const body = ["tbody", 0];
    if (!node.attrs.caption) return ["table", mergeAttributes(HTMLAttributes), body];
    return ["table", mergeAttributes(HTMLAttributes), withCaption("caption", node.attrs.caption), body];
  },
});

const Figure = Node.create({
  name: "figure",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({
    file: {
      default: null,
      rendered: false,
      parseHTML: (element) => element.querySelector("img")?.getAttribute("data-file"),
    },
    src: { default: "", rendered: false, parseHTML: (element) => element.querySelector("img")?.getAttribute("src") },
    alt: { default: "", rendered: false, parseHTML: (element) => element.querySelector("img")?.getAttribute("alt") },
    caption: captionAttribute("figcaption"),
    decorative: {
      default: false,
      rendered: false,
      parseHTML: (element) => element.hasAttribute("data-decorative"),
    },
  }),
  // Only our own pictures have a file; others cannot be kept, so they do not even seem to be.
  parseHTML: () => [
    { tag: "figure", getAttrs: (element) => (element.querySelector("img[data-file]") ? null : false) },
  ],
  renderHTML({ node, HTMLAttributes }) {
    const { src, alt, file, caption, decorative } = node.attrs;
    const outer = decorative ? mergeAttributes(HTMLAttributes, { "data-decorative": "1" }) : HTMLAttributes;
    return ["figure", outer, ["img", { src, alt, "data-file": file }], withCaption("figcaption", caption)];
  },
});

// A goal or an answer stands here; it has a form of its own and nothing in it can be typed.
const Structured = Node.create({
  name: "structured",
  group: "block",
  atom: true,
  selectable: false,
  addAttributes: () => ({
    "data-structured": { default: null },
    title: { default: "" },
  }),
  parseHTML: () => [{ tag: "div[data-structured]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement("p");
      dom.className = "fc-structured-mark";
      dom.contentEditable = "false";
      dom.textContent = node.attrs.title;
      return { dom };
    };
  },
});

// Numbers run from one; the library's own attributes would write inline styles.
const PlainOrderedList = OrderedList.extend({
  addAttributes: () => ({}),
  addNodeView: () => null,
  renderHTML: ({ HTMLAttributes }) => ["ol", HTMLAttributes, 0],
});

const ListKeys = Extension.create({
  name: "listKeys",
  addKeyboardShortcuts() {
    return {
      "Mod-]": () => this.editor.commands.sinkListItem("listItem"),
      "Mod-[": () => this.editor.commands.liftListItem("listItem"),
    };
  },
});

export function extensions({ inline, marks, emptyHeading }) {
  const words = [Document, Paragraph, Text, HardBreak, Bold, Italic, Link, Note, History];
  if (inline) return words;
  return [
    ...words,
    Heading.configure({ levels: [3, 4] }),
    BulletList,
    PlainOrderedList,
    ListItem,
    Blockquote.extend({ content: "paragraph+" }),
    CaptionedTable.configure({ resizable: false }),
    TableRow,
    TableHeader,
    TableCell,
    Figure,
    Structured,
    PastedTable,
    Gapcursor,
    Identity,
    ListKeys,
    TranslationMarks.configure({ marks }),
    EmptyHeadings.configure({ marks, empty: emptyHeading }),
  ];
}

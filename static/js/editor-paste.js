// What other programs put on the clipboard, as the text means it: Word writes its lists as paragraphs that begin with a
// bullet, and its footnotes behind the text. Looks are left behind; headings, lists, tables, links and notes are kept.
const LIST = /mso-list:\s*l(\d+)\s+level(\d+)\s+lfo(\d+)/i;
const NUMBER = /^\(?[\p{L}\d]+([.\d]*)[.)]$/u;
const KEPT = new Set(["href", "colspan", "rowspan"]);
const HEADINGS = "h1, h2, h3, h4, h5, h6";
const SPACE = /[\s\u00a0]/g;

// The policy of the page forbids looks and scripts in attributes even where they are only read: renamed before.
const withoutStyles = (html) =>
  html
    .replace(/<(style|xml|script)\b[^]*?<\/\1\s*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s"'/])(style|on\w+)(\s*=)/gi, "$1data-$2$3"));

const styleOf = (element) => element.getAttribute("data-style") || "";

function renamed(element, name) {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}

// The bullet or the number that Word wrote into the text; it goes, and tells whether the list is numbered.
function takeMarker(paragraph) {
  const spans = [...paragraph.querySelectorAll("[data-style]")];
  const marker = spans.find((span) => /mso-list:\s*ignore/i.test(styleOf(span)));
  if (!marker) return "";
  const words = marker.textContent.replace(SPACE, "");
  marker.remove();
  return words;
}

// Paragraphs that follow one another become one list; a level is never more than one deeper than what stands above it.
function makeLists(parent) {
  const make = (name) => parent.ownerDocument.createElement(name);
  let open = [];
  for (const child of [...parent.children]) {
    const found = child.matches("p, div") && !child.querySelector("p, div, table") && LIST.exec(styleOf(child));
    if (!found) {
      if (!child.matches("table, ul, ol") && child.children.length) makeLists(child);
      const isEmpty = child.matches("p") && !child.textContent.replace(SPACE, "") && !child.querySelector("img, br");
      if (!isEmpty) open = [];
      continue;
    }
    const level = Math.min(Number(found[2]), open.length + 1);
    const kind = NUMBER.test(takeMarker(child)) ? "ol" : "ul";
    open = open.slice(0, level);
    const last = open[level - 1];
    if (!last || last.list.localName !== kind || (level === 1 && last.name !== found[3])) {
      const list = make(kind);
      if (level > 1) open[level - 2].list.lastElementChild.append(list);
      else child.before(list);
      open[level - 1] = { list, name: found[3] };
    }
    const item = make("li");
    open[level - 1].list.append(item);
    child.remove();
    const words = make("p");
    words.append(...child.childNodes);
    item.append(words);
  }
}

// A footnote's words go to where it is called.
function bringNotes(body) {
  const place = (anchor) => (anchor.getAttribute("href") || "").replace(/^.*#_?/, "");
  const calls = [...body.querySelectorAll("a[data-style]")].filter((a) => /mso-(foot|end)note-id/i.test(styleOf(a)));
  const notes = new Map();
  for (const note of body.querySelectorAll("div[data-style]")) {
    if (!/mso-element:\s*(foot|end)note(?!-)/i.test(styleOf(note))) continue;
    for (const back of note.querySelectorAll("a[data-style]")) if (calls.includes(back)) back.remove();
    notes.set(note.id, note.textContent.replace(/\s+/g, " ").trim());
  }
  for (const call of calls) {
    if (!call.isConnected) continue;
    const words = notes.get(place(call));
    const note = body.ownerDocument.createElement("span");
    note.className = "note";
    note.textContent = words || "";
    if (words) call.replaceWith(note);
    else call.replaceWith(...call.childNodes);
  }
  for (const list of body.querySelectorAll("div[data-style]")) {
    if (/mso-element:\s*(foot|end)note-list/i.test(styleOf(list)) && calls.length) list.remove();
  }
}

// Bold and italic are words' own; browsers' documents write them as looks, and wrap everything in a bold that is none.
function keepEmphasis(body) {
  for (const element of [...body.querySelectorAll("[data-style]")]) {
    const style = styleOf(element);
    const weight = /(?:^|;)\s*font-weight:\s*(\w+)/i.exec(style)?.[1].toLowerCase();
    const isPlain = element.matches("b, strong") && ["normal", "400"].includes(weight);
    if (isPlain) element.replaceWith(...element.childNodes);
    if (!element.matches("span")) continue;
    const kept = element.firstChild && (weight === "bold" || Number(weight) >= 600) ? "strong" : "";
    const leaning = element.firstChild && /(?:^|;)\s*font-style:\s*italic/i.test(style) ? "em" : "";
    for (const name of [kept, leaning]) {
      if (!name) continue;
      const mark = body.ownerDocument.createElement(name);
      mark.append(...element.childNodes);
      element.append(mark);
    }
  }
}

// The text has two kinds of heading: the highest of what is pasted, and those below it.
function fitHeadings(body) {
  const headings = [...body.querySelectorAll(HEADINGS)];
  const highest = Math.min(...headings.map((heading) => Number(heading.localName[1])));
  for (const heading of headings) {
    takeMarker(heading);
    renamed(heading, Number(heading.localName[1]) === highest ? "h3" : "h4");
  }
}

// Pasted HTML as our text can hold it. What comes from this editor itself stays as it is.
export function settlePasted(html) {
  if (/\sdata-pm-slice\s*=/.test(html)) return html;
  const { body } = new DOMParser().parseFromString(withoutStyles(html), "text/html");
  const comments = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (comments.nextNode()) found.push(comments.currentNode);
  for (const comment of found) comment.remove();
  bringNotes(body);
  makeLists(body);
  for (const cell of body.querySelectorAll("td, th")) makeLists(cell);
  fitHeadings(body);
  keepEmphasis(body);
  for (const cell of body.querySelectorAll("thead td")) {
    const head = body.ownerDocument.createElement("th");
    for (const name of ["colspan", "rowspan"]) {
      if (cell.hasAttribute(name)) head.setAttribute(name, cell.getAttribute(name));
    }
    head.append(...cell.childNodes);
    cell.replaceWith(head);
  }
  for (const paragraph of [...body.querySelectorAll("p")]) {
    const isEmpty = !paragraph.textContent.replace(SPACE, "") && !paragraph.querySelector("img");
    if (isEmpty && !paragraph.closest("td, th, li")) paragraph.remove();
  }
  for (const element of body.querySelectorAll("script, iframe, object, embed, template")) element.remove();
  for (const element of body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (!KEPT.has(name) && !(name === "class" && value === "note")) element.removeAttribute(name);
    }
  }
  return body.innerHTML;
}

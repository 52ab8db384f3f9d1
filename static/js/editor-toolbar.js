// The buttons above a text box: what each does, when it is pressed, and one tab stop for all of them (arrow keys).
import { keepPhrase, knowEditor, putPhrase } from "./editor-phrases.js";
import { LINK } from "./editor-schema.js";
import { addPicture, describePicture } from "./editor-pictures.js";
import { insertTable } from "./editor-tables.js";
import { ask, asHtml, plainText } from "./editor-asking.js";

const inTable = (editor) => editor.isActive("table");
const onFigure = (editor) => editor.isActive("figure");
const headerCell = (editor, axis) => {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    if ($from.node(depth).type.name !== "table") continue;
    const table = $from.node(depth);
    if (axis === "row") return table.firstChild.content.content.every((cell) => cell.type.name === "tableHeader");
    return table.content.content.every((row) => row.firstChild?.type.name === "tableHeader");
  }
  return false;
};

function address(typed) {
  if (LINK.test(typed)) return typed;
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed)) return `mailto:${typed}`;
  if (/^[^\s/]+\.[^\s]{2,}$/.test(typed)) return `https://${typed}`;
  return "";
}

async function editLink(editor) {
  editor.commands.extendMarkRange("link");
  const dialog = document.getElementById("link-dialog");
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  form.elements.href.removeAttribute("aria-invalid");
  const check = (event) => {
    if (event.submitter?.value !== "save" || address(form.elements.href.value.trim())) return;
    event.preventDefault();
    error.hidden = false;
    form.elements.href.setAttribute("aria-invalid", "true");
    form.elements.href.setAttribute("aria-describedby", "link-error link-help");
    form.elements.href.focus();
  };
  form.addEventListener("submit", check);
  const { button, href } = await ask("link-dialog", { href: editor.getAttributes("link").href || "" });
  form.removeEventListener("submit", check);
  const chain = editor.chain().focus();
  if (button === "remove") chain.unsetMark("link").run();
  if (button !== "save") return editor.commands.focus();
  const target = address(href);
  if (editor.state.selection.empty && !editor.isActive("link")) {
    chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href: target } }] }).run();
  } else {
    chain.setMark("link", { href: target }).run();
  }
  return true;
}

async function editCaption(editor) {
  const now = editor.getAttributes("table").caption || "";
  const { button, caption } = await ask("caption-dialog", { caption: plainText(now) });
  const chain = editor.chain().focus();
  if (button === "save" && caption !== plainText(now)) chain.updateAttributes("table", { caption: asHtml(caption) });
  chain.run();
}

const run = (name, ...args) => ({
  do: (editor) => editor.chain().focus()[name](...args).run(),
  can: (editor) => editor.can()[name](...args),
});

const COMMANDS = {
  bold: { ...run("toggleBold"), on: (editor) => editor.isActive("bold") },
  italic: { ...run("toggleItalic"), on: (editor) => editor.isActive("italic") },
  link: { do: editLink, on: (editor) => editor.isActive("link") },
  note: {
    ...run("toggleMark", "note"),
    on: (editor) => editor.isActive("note"),
    can: (editor) => !editor.state.selection.empty || editor.isActive("note"),
  },
  heading1: { ...run("toggleHeading", { level: 3 }), on: (editor) => editor.isActive("heading", { level: 3 }) },
  heading2: { ...run("toggleHeading", { level: 4 }), on: (editor) => editor.isActive("heading", { level: 4 }) },
  quote: { ...run("toggleBlockquote"), on: (editor) => editor.isActive("blockquote") },
  bulletList: { ...run("toggleBulletList"), on: (editor) => editor.isActive("bulletList") },
  orderedList: { ...run("toggleOrderedList"), on: (editor) => editor.isActive("orderedList") },
  indent: run("sinkListItem", "listItem"),
  outdent: run("liftListItem", "listItem"),
  table: { do: insertTable, can: (editor) => !inTable(editor) },
  picture: { do: addPicture, can: (editor) => !inTable(editor) },
  phrase: { do: putPhrase, can: (editor) => !inTable(editor) },
  keepPhrase: { do: keepPhrase, can: (editor) => !editor.isEmpty },
  // An internal note about the paragraph under the cursor: notes.js opens its form.
  remark: {
    do: () => document.dispatchEvent(new CustomEvent("fc:note")),
    can: () => document.querySelector("[data-notes]") !== null,
  },
  undo: run("undo"),
  redo: run("redo"),
  rowBefore: run("addRowBefore"),
  rowAfter: run("addRowAfter"),
  columnBefore: run("addColumnBefore"),
  columnAfter: run("addColumnAfter"),
  headerRow: { ...run("toggleHeaderRow"), on: (editor) => headerCell(editor, "row") },
  headerColumn: { ...run("toggleHeaderColumn"), on: (editor) => headerCell(editor, "column") },
  caption: { do: editCaption },
  mergeCells: { ...run("mergeCells"), can: (editor) => editor.can().mergeCells() },
  splitCell: { ...run("splitCell"), can: (editor) => editor.can().splitCell() },
  deleteRow: run("deleteRow"),
  deleteColumn: run("deleteColumn"),
  deleteTable: run("deleteTable"),
  describe: { do: describePicture },
  deleteFigure: run("deleteSelection"),
};

const WHEN = { table: inTable, figure: onFigure };

export function startToolbar(toolbar, editor) {
  const all = [...toolbar.querySelectorAll("button[data-command]")];
  const visible = () => all.filter((button) => !button.closest("[hidden]"));
  let stop = all[0];
  if (all.some((button) => button.dataset.command === "phrase")) {
    knowEditor(toolbar.closest("[data-language]").dataset.language, editor);
  }

  const setStop = (button) => {
    stop = button;
    for (const other of all) other.tabIndex = other === stop ? 0 : -1;
  };

  const refresh = () => {
    for (const group of toolbar.querySelectorAll("[data-when]")) {
      group.hidden = !WHEN[group.dataset.when](editor);
      // On a phone its buttons are in one line that scrolls: by keyboard too.
      if (!group.hidden && group.scrollWidth > group.clientWidth) group.tabIndex = 0;
      else group.removeAttribute("tabindex");
    }
    for (const button of all) {
      const command = COMMANDS[button.dataset.command];
      // Not `disabled`: a button that is in focus must not vanish from under the keyboard.
      button.setAttribute("aria-disabled", String(command.can ? !command.can(editor) : false));
      if (command.on) button.setAttribute("aria-pressed", String(command.on(editor)));
    }
    if (stop.closest("[hidden]")) setStop(visible()[0]);
  };

  toolbar.addEventListener("mousedown", (event) => {
    // The selection in the text stays while a button is pressed.
    if (event.target.closest("button")) event.preventDefault();
  });
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-command]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    setStop(button);
    COMMANDS[button.dataset.command].do(editor);
  });
  toolbar.addEventListener("keydown", (event) => {
    const buttons = visible();
    const now = buttons.indexOf(document.activeElement);
    let next = null;
    if (now < 0 && event.key !== "Escape") return;
    if (event.key === "ArrowRight") next = buttons[(now + 1) % buttons.length];
    if (event.key === "ArrowLeft") next = buttons[(now - 1 + buttons.length) % buttons.length];
    if (event.key === "Home") next = buttons[0];
    if (event.key === "End") next = buttons[buttons.length - 1];
    if (event.key === "Escape") editor.commands.focus();
    if (!next) return;
    event.preventDefault();
    setStop(next);
    next.focus();
  });

  // From the text to the buttons and back (Escape), and to a link, as in word processors.
  editor.view.dom.addEventListener("keydown", (event) => {
    if (event.key === "F10" && event.altKey) stop.focus();
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) editLink(editor);
    else return;
    event.preventDefault();
  });

  editor.on("transaction", refresh);
  window.addEventListener("resize", refresh);
  toolbar.hidden = false;
  setStop(stop);
  refresh();
}

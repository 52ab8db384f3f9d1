// Tables: a new one of the size that somebody chose, and cells that come from a spreadsheet as plain text.
import { Extension, Plugin, pm } from "../django_prose_editor/editor.js";
import { ask } from "./editor-asking.js";

const { TextSelection } = pm.state;

const within = (value, most) => Math.max(1, Math.min(most, Number.parseInt(value, 10) || 1));

// The cursor goes into the first cell of the new table.
export async function insertTable(editor) {
  const { from } = editor.state.selection;
  const { button, rows, cols, header } = await ask("table-dialog", { rows: "3", cols: "3", header: true });
  if (button !== "save") return editor.commands.focus();
  const size = { rows: within(rows, 100) + (header ? 1 : 0), cols: within(cols, 20), withHeaderRow: header };
  return editor
    .chain()
    .focus()
    .insertTable(size)
    .command(({ tr }) => {
      let place = null;
      tr.doc.descendants((node, position) => {
        if (place === null && node.type.name === "table" && position >= from - 1) place = position;
        return place === null;
      });
      if (place !== null) tr.setSelection(TextSelection.near(tr.doc.resolve(place + 3)));
      return true;
    })
    .run();
}

// Rows and cells of what a spreadsheet writes as text: parted by tabs, in quotation marks where a cell has lines.
export function readCells(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let place = 0; place < source.length; place += 1) {
    const sign = source[place];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[place + 1] === '"') {
        cell += sign;
        place += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t" || sign === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      if (sign === "\n") rows.push([]);
    } else cell += sign;
  }
  rows.at(-1).push(cell);
  return rows;
}

// Lines that all have the same number of tabs, at least one, are a table; anything else is words.
function isTable(rows) {
  const width = rows[0].length;
  return width > 1 && rows.every((row) => row.length === width);
}

function asTable(rows) {
  const table = document.createElement("table");
  for (const row of rows) {
    const line = table.insertRow();
    for (const text of row) {
      const cell = line.insertCell();
      text.split("\n").forEach((part, place) => {
        if (place) cell.append(document.createElement("br"));
        cell.append(part);
      });
    }
  }
  return table.outerHTML;
}

export const PastedTable = Extension.create({
  name: "pastedTable",
  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          handlePaste(view, event) {
            const data = event.clipboardData;
            const text = data?.getData("text/plain");
            if (!text?.includes("\t") || data.getData("text/html")) return false;
            const rows = readCells(text);
            return isTable(rows) && view.pasteHTML(asTable(rows));
          },
        },
      }),
    ];
  },
});

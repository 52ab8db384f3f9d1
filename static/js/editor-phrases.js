// Texts that the region uses again and again: put into the text, and kept from it.
import { pm } from "../django_prose_editor/editor.js";
import { token } from "./csrf.js";
import { announce } from "./toasts.js";

const { DOMSerializer } = pm.model;
const editors = new Map(); // language -> the editor of the whole section in it

export function knowEditor(language, editor) {
  editors.set(language, editor);
}

const languageOf = (editor) => [...editors].find(([, known]) => known === editor)?.[0] || "";

async function fetchPhrases(dialog, words) {
  const url = new URL(dialog.dataset.url, window.location.href);
  if (words) url.searchParams.set("q", words);
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()).phrases;
}

// --- Putting one in ---

function choice(phrase, language, dialog, choose) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const name = document.createElement("strong");
  const words = document.createElement("span");
  button.type = "button";
  name.textContent = phrase.name;
  const has = Boolean(phrase.texts[language]);
  words.textContent = has ? phrase.words : dialog.dataset.missing;
  button.append(name, words);
  button.setAttribute("aria-disabled", String(!has));
  button.addEventListener("click", () => has && choose(phrase));
  item.append(button);
  return item;
}

// The end of the paragraph in another language that stands where the new text goes: the nearest one before it that both
// have. New texts at the same place in both columns become one text in two languages when they are saved.
function placeIn(other, editor, before) {
  const nodes = [];
  editor.state.doc.forEach((node, offset) => {
    if (offset < before) nodes.push(node);
  });
  while (nodes.length) {
    const wanted = identities(nodes.pop());
    let place = -1;
    other.state.doc.forEach((node, offset) => {
      if ([...identities(node)].some((id) => wanted.has(id))) place = offset + node.nodeSize;
    });
    if (place >= 0) return place;
  }
  return 0;
}

export function putPhrase(editor) {
  const dialog = document.getElementById("phrase-dialog");
  const list = dialog.querySelector("ul");
  const status = dialog.querySelector("[data-phrase-status]");
  const find = dialog.querySelector("input");
  const language = languageOf(editor);
  let wanted = 0;
  let timer = 0;

  const choose = (phrase) => {
    dialog.close();
    // Behind the paragraph where the cursor stands, or in its place where it is empty.
    const { $from } = editor.state.selection;
    const isEmpty = $from.depth === 1 && !$from.parent.textContent;
    const place = isEmpty ? { from: $from.before(1), to: $from.after(1) } : $from.after(1);
    const others = [...editors].filter(([code, other]) => other !== editor && phrase.texts[code]);
    for (const [code, other] of others) {
      const there = placeIn(other, editor, isEmpty ? place.from : place);
      other.chain().insertContentAt(there, phrase.texts[code]).run();
    }
    editor.chain().focus().insertContentAt(place, phrase.texts[language]).run();
    if (others.length) announce(dialog.dataset.both);
  };
  const show = async () => {
    wanted += 1;
    const turn = wanted;
    try {
      const phrases = await fetchPhrases(dialog, find.value.trim());
      if (turn !== wanted) return;
      list.replaceChildren(...phrases.map((phrase) => choice(phrase, language, dialog, choose)));
      status.textContent = phrases.length ? "" : dialog.dataset.none;
    } catch {
      status.textContent = dialog.dataset.failed;
    }
  };
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(show, 250);
  };
  const keys = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.querySelector("button:not([aria-disabled=true])")?.focus();
  };
  find.value = "";
  list.replaceChildren();
  status.textContent = "";
  find.addEventListener("input", typed);
  find.addEventListener("keydown", keys);
  dialog.addEventListener(
    "close",
    () => {
      find.removeEventListener("input", typed);
      find.removeEventListener("keydown", keys);
      editor.commands.focus();
    },
    { once: true },
  );
  dialog.showModal();
  show();
}

// --- Keeping one ---

function html(editor, nodes) {
  const element = document.createElement("div");
  const serializer = DOMSerializer.fromSchema(editor.schema);
  for (const node of nodes) element.append(serializer.serializeNode(node));
  return element.innerHTML;
}

// The paragraphs, lists and tables that the selection touches.
function marked(editor) {
  const { from, to } = editor.state.selection;
  const nodes = [];
  editor.state.doc.forEach((node, offset) => {
    const touches = from === to ? offset <= from && from <= offset + node.nodeSize : offset < to && offset + node.nodeSize > from;
    if (touches && node.type.name !== "structured") nodes.push(node);
  });
  return nodes;
}

function identities(node) {
  const found = new Set([node.attrs["data-id"]]);
  node.descendants((child) => {
    found.add(child.attrs["data-id"]);
  });
  found.delete(null);
  found.delete(undefined);
  return found;
}

// The same paragraphs in the other languages go along.
function elsewhere(editor, wanted) {
  const nodes = [];
  editor.state.doc.forEach((node) => {
    if ([...identities(node)].some((id) => wanted.has(id)) && node.textContent.trim()) nodes.push(node);
  });
  return nodes;
}

export function keepPhrase(editor) {
  const dialog = document.getElementById("keep-phrase-dialog");
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  const nodes = marked(editor);
  const wanted = new Set(nodes.flatMap((node) => [...identities(node)]));
  const texts = new Map([[languageOf(editor), html(editor, nodes)]]);
  for (const [language, other] of editors) {
    const same = other === editor ? [] : elsewhere(other, wanted);
    if (same.length) texts.set(language, html(other, same));
  }
  const tell = (words) => {
    error.textContent = words;
    error.hidden = !words;
    if (words) form.elements.name.setAttribute("aria-invalid", "true");
    else form.elements.name.removeAttribute("aria-invalid");
    if (words) form.elements.name.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    body.set("csrfmiddlewaretoken", token());
    for (const [language, text] of texts) body.set(`text-${language}`, text);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      if (!response.ok) return tell(answer.errors.join(" "));
      dialog.close();
      return announce(answer.said);
    } catch {
      return tell(form.dataset.failed);
    }
  };
  form.reset();
  tell("");
  const words = nodes.map((node) => node.textContent.trim()).join(" ").split(/\s+/);
  dialog.querySelector("[data-phrase-words]").textContent = words.slice(0, 30).join(" ") + (words.length > 30 ? " …" : "");
  form.addEventListener("submit", submit);
  dialog.addEventListener(
    "close",
    () => {
      form.removeEventListener("submit", submit);
      editor.commands.focus();
    },
    { once: true },
  );
  dialog.showModal();
}

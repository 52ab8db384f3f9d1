// `<select multiple data-choose="Find an organisation">` becomes a field to type in, with what is chosen as buttons
// before it. The select stays, hidden, and is what the form sends. Without this the select itself is there.

const SHOWN = 40;
let count = 0;

class Chooser {
  constructor(select) {
    this.select = select;
    this.id = `choose-${(count += 1)}`;
    this.options = [...select.options];
    this.build();
    this.drawChosen();
  }

  build() {
    const { select } = this;
    this.frame = document.createElement("div");
    this.frame.className = "fc-chooser";
    this.chosen = document.createElement("ul");
    this.chosen.className = "fc-chooser__chosen";
    this.input = document.createElement("input");
    this.input.type = "text";
    this.input.id = `${this.id}-input`;
    this.input.className = "form-control fc-chooser__input";
    this.input.placeholder = select.dataset.choose;
    this.input.autocomplete = "off";
    this.list = document.createElement("ul");
    this.list.id = `${this.id}-list`;
    this.list.className = "fc-chooser__list";
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    this.said = document.createElement("p");
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");

    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    this.input.setAttribute("aria-controls", this.list.id);
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    const [label] = select.labels;
    this.name = label?.textContent.trim().replace(/\s+/g, " ") || select.dataset.choose;
    if (label) label.htmlFor = this.input.id;
    else this.input.setAttribute("aria-label", this.name);
    this.list.setAttribute("aria-label", this.name);
    this.chosen.setAttribute("aria-label", `${select.dataset.chosen}: ${this.name}`);

    this.frame.append(this.chosen, this.input, this.list, this.said);
    select.before(this.frame);
    select.hidden = true;

    this.input.addEventListener("input", () => this.open());
    this.input.addEventListener("click", () => this.open());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // The field keeps the focus while something is picked with the mouse.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const line = event.target.closest("[role=option][data-place]");
      if (line) this.take(this.options[line.dataset.place]);
    });
    this.chosen.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.putBack(this.options[button.dataset.place]);
    });
  }

  say(text, name = "") {
    this.said.textContent = text.replace("{name}", name);
  }

  drawChosen() {
    const lines = this.options.flatMap((option, place) => {
      if (!option.selected) return [];
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fc-chooser__one";
      button.dataset.place = place;
      button.textContent = option.label;
      button.setAttribute("aria-label", this.select.dataset.takeOut.replace("{name}", option.label));
      line.append(button);
      return [line];
    });
    this.chosen.replaceChildren(...lines);
    this.chosen.hidden = !lines.length;
  }

  fitting() {
    const words = this.input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return this.options.filter((option) => {
      const text = option.label.toLocaleLowerCase();
      return !option.selected && !option.disabled && words.every((word) => text.includes(word));
    });
  }

  open() {
    const fitting = this.fitting();
    const lines = fitting.slice(0, SHOWN).map((option) => {
      const line = document.createElement("li");
      const place = this.options.indexOf(option);
      line.id = `${this.id}-${place}`;
      line.dataset.place = place;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.textContent = option.label;
      return line;
    });
    this.list.replaceChildren(...lines);
    this.list.hidden = !lines.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
    this.active = -1;
    this.say(lines.length ? "" : this.select.dataset.nothing);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  mark(place) {
    const lines = [...this.list.children];
    this.active = (place + lines.length) % lines.length;
    lines.forEach((line, index) => line.setAttribute("aria-selected", String(index === this.active)));
    this.input.setAttribute("aria-activedescendant", lines[this.active].id);
    lines[this.active].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.open();
      if (!this.list.hidden) this.mark(this.active < 0 && key === "ArrowUp" ? -1 : this.active + (key === "ArrowDown" ? 1 : -1));
    } else if (key === "Enter" && (this.input.value || !this.list.hidden)) {
      // Enter picks something here; it does not send the form.
      event.preventDefault();
      event.stopPropagation();
      const line = this.list.children[Math.max(this.active ?? -1, 0)];
      if (line && !this.list.hidden && (this.active >= 0 || this.input.value)) this.take(this.options[line.dataset.place]);
    } else if (key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (key === "Backspace" && !this.input.value) {
      const last = [...this.options].reverse().find((option) => option.selected);
      if (last) this.putBack(last);
    }
  }

  take(option) {
    option.selected = true;
    this.input.value = "";
    this.changed();
    this.close();
    this.say(this.select.dataset.added, option.label);
  }

  putBack(option) {
    option.selected = false;
    this.changed();
    this.input.focus();
    this.close();
    this.say(this.select.dataset.removed, option.label);
  }

  changed() {
    this.drawChosen();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const started = new WeakSet();

export function startChoosers(root) {
  for (const select of root.querySelectorAll("select[multiple][data-choose]")) {
    if (started.has(select)) continue;
    started.add(select);
    new Chooser(select);
  }
}

startChoosers(document);
document.body.addEventListener("htmx:load", (event) => startChoosers(event.detail.elt));

// What was typed and has not reached the server is kept on this device, for this person only, until it has.
const PREFIX = "fc:text:";
const OLDEST = 60 * 24 * 60 * 60 * 1000;

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function drop(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // nothing was kept
  }
}

function names(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

// Texts that nobody has come back for are not kept for ever.
function dropOld() {
  for (const name of names(PREFIX)) {
    if (!(Date.now() - (read(name)?.at || 0) < OLDEST)) drop(name);
  }
}

// The names of texts that another window is writing now; the browser frees a lock when its page goes.
async function heldElsewhere() {
  if (!navigator.locks) return new Set();
  const { held } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name));
}

export class Keeping {
  constructor(place) {
    this.prefix = `${PREFIX}${place}:`;
    this.name = `${this.prefix}${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    this.isKept = false;
    dropOld();
    navigator.locks?.request(this.name, () => new Promise(() => {}));
  }

  // Answers whether there was room, and leave, to keep it.
  put(value) {
    try {
      localStorage.setItem(this.name, JSON.stringify({ ...value, at: Date.now() }));
      this.isKept = true;
    } catch {
      this.isKept = false; // then the page itself is the only place
    }
    return this.isKept;
  }

  drop() {
    drop(this.name);
    this.isKept = false;
  }

  // What earlier windows of this person left unsaved here, the newest first.
  async left() {
    let held = await heldElsewhere();
    if (names(this.prefix).some((name) => name !== this.name && held.has(name))) {
      // Another window, or the page that this one has just taken the place of.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      held = await heldElsewhere();
    }
    return names(this.prefix)
      .filter((name) => name !== this.name && !held.has(name))
      .map((name) => ({ name, ...read(name) }))
      .filter((entry) => entry.texts)
      .sort((one, other) => other.at - one.at);
  }

  forget(entry) {
    drop(entry.name);
  }
}

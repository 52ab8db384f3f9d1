// What every page may have. Pages work without any of it.
import { startDialogs } from "./dialogs.js";
import { startKeptForms } from "./forms-kept.js";
import { startMenus } from "./menus.js";
import { startSwaps } from "./swaps.js";
import { startTabs } from "./tabs.js";
import { startToasts } from "./toasts.js";

document.documentElement.classList.add("fc-js");
startToasts();
startMenus();
startDialogs();
startTabs(document);
startSwaps();
startKeptForms();

// A form that came back with errors: the reader starts from the summary. (The gallery only shows one.)
document.querySelector(".fc-error-summary[data-focus]:not([data-still] *)")?.focus();

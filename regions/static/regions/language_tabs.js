/* One set of tabs for the labels of an admin form that exist in several languages.
   Each label's field has the classes of modeltranslation: "mt mt-field-name-fi". Without JavaScript all are shown. */
(() => {
  "use strict";

  const LANGUAGE = /\bmt-field-[\w-]+?-([a-z]{2})\b/;
  const remembered = "family-centre-admin-language";

  const languageOf = (field) => (field.className.match(LANGUAGE) || [])[1];
  const rowOf = (field) => field.closest(".fieldBox") || field.closest(".form-row") || field.parentElement;

  function build(fieldset) {
    const fields = [...fieldset.querySelectorAll("input.mt, textarea.mt, select.mt")].filter(languageOf);
    const languages = [...new Set(fields.map(languageOf))];
    if (languages.length < 2) {
      return;
    }
    const bar = document.createElement("div");
    bar.className = "language-tabs";
    bar.setAttribute("role", "group");
    const show = (chosen) => {
      for (const field of fields) {
        rowOf(field).hidden = languageOf(field) !== chosen;
      }
      for (const button of bar.children) {
        button.setAttribute("aria-pressed", String(button.lang === chosen));
      }
    };
    for (const language of languages) {
      const button = document.createElement("button");
      button.type = "button";
      button.lang = language;
      button.textContent = new Intl.DisplayNames([language], { type: "language" }).of(language);
      const own = fields.filter((field) => languageOf(field) === language);
      if (own.some((field) => rowOf(field).querySelector(".errorlist") || rowOf(field).classList.contains("errors"))) {
        button.classList.add("has-errors");
      }
      button.addEventListener("click", () => {
        sessionStorage.setItem(remembered, language);
        show(language);
      });
      bar.append(button);
    }
    rowOf(fields[0]).before(bar);
    const faulty = [...bar.children].find((button) => button.classList.contains("has-errors"));
    const last = sessionStorage.getItem(remembered);
    show(faulty ? faulty.lang : languages.includes(last) ? last : languages[0]);
    // A required field under a closed tab cannot take the focus: open its tab instead of refusing silently.
    for (const field of fields) {
      field.addEventListener("invalid", () => show(languageOf(field)));
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("fieldset.module").forEach((fieldset) => {
      if (!fieldset.closest(".inline-group")) {
        build(fieldset);
      }
    });
  });
})();

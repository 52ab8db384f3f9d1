// `<div data-tabs="Label">` with sections that begin with a heading becomes a row of tabs.
// Without JavaScript the sections stand below one another with their headings.

export function startTabs(root) {
  for (const group of root.querySelectorAll("[data-tabs]:not([data-tabs-ready])")) {
    group.dataset.tabsReady = "";
    const sections = [...group.querySelectorAll(":scope > section")];
    const list = document.createElement("div");
    list.className = "fc-tabs";
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", group.dataset.tabs);

    const tabs = sections.map((section, index) => {
      section.id ||= `tab-panel-${crypto.getRandomValues(new Uint32Array(1))[0]}-${index}`;
      const tab = document.createElement("button");
      tab.type = "button";
      tab.id = `${section.id}-tab`;
      tab.textContent = section.querySelector("h2, h3, h4").textContent;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", section.id);
      section.setAttribute("role", "tabpanel");
      section.setAttribute("aria-labelledby", tab.id);
      section.tabIndex = 0;
      list.append(tab);
      return tab;
    });

    const select = (chosen) => {
      tabs.forEach((tab, index) => {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        sections[index].hidden = !on;
      });
    };

    list.addEventListener("click", (event) => {
      const tab = event.target.closest('[role="tab"]');
      if (tab) select(tab);
    });
    list.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowLeft: -1 };
      const now = tabs.indexOf(document.activeElement);
      let next = null;
      if (event.key in steps) next = tabs[(now + steps[event.key] + tabs.length) % tabs.length];
      if (event.key === "Home") next = tabs[0];
      if (event.key === "End") next = tabs[tabs.length - 1];
      if (!next) return;
      event.preventDefault();
      select(next);
      next.focus();
    });

    const wanted = tabs.findIndex((tab, index) => `#${sections[index].id}` === window.location.hash);
    group.prepend(list);
    select(tabs[Math.max(wanted, 0)]);
  }
}

"use strict";
// The panel beside the map, a sheet from below on a phone: three tabs, one scroll.
(() => {
  const TABS = [["to-map", "tab-map", "page.tab.map"], ["to-do", "tab-do", "page.tab.do"], ["to-about", "tab-about", "page.tab.about"]];
  const HEIGHTS = ["peek", "half", "full"];
  const by = id => document.getElementById(id);
  const { word, node } = safeaudit;

  function choose(index, focus) {
    TABS.forEach(([tab, panel], at) => {
      by(tab).setAttribute("aria-selected", String(at === index));
      by(tab).tabIndex = at === index ? 0 : -1;
      by(panel).hidden = at !== index;
    });
    by("panel").scrollTop = 0;
    if (by("app").dataset.sheet === "peek") setSheet("half");
    if (focus) by(TABS[index][0]).focus({ preventScroll: true });
  }

  // On a phone the sheet shows a sentence, half of it, or fills the screen; where it is a panel this changes nothing.
  function setSheet(height) {
    by("app").dataset.sheet = height;
    by("sheet").setAttribute("aria-expanded", String(height !== "peek"));
    by("sheet").setAttribute("aria-label", word(height === "full" ? "page.sheet.less" : "page.sheet.more"));
  }

  function setTabs() {
    by("tabs").append(...TABS.map(([tab, panel], index) => {
      const button = node("button", "tab");
      Object.assign(button, { id: tab, type: "button" });
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", panel);
      button.addEventListener("click", () => choose(index, false));
      button.addEventListener("keydown", event => {
        const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
        const step = event.key === forward ? 1 : event.key === "ArrowLeft" || event.key === "ArrowRight" ? TABS.length - 1 : 0;
        if (step) choose((index + step) % TABS.length, true);
      });
      return button;
    }));
    by("sheet").addEventListener("click", () => setSheet(HEIGHTS[(HEIGHTS.indexOf(by("app").dataset.sheet) + 1) % HEIGHTS.length]));
    setSheet("half");
    choose(0, false);
    setSheet("peek");
  }

  function sayTabs() {
    for (const [tab, , key] of TABS) by(tab).textContent = word(key);
    by("tabs").setAttribute("aria-label", word("page.tabs"));
    setSheet(by("app").dataset.sheet);
  }

  Object.assign(safeaudit, { setTabs, sayTabs, setSheet });
})();

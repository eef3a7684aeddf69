"use strict";
// Lists of the panel: what is to be mended and by whom, and the streets that need attention, a second look, or none.
(() => {
  const LIST_LENGTH = 20;
  const { word, said, node, dataText } = safeaudit;

  // Streets by what was seen of them, best first by an order; an empty list says why it is empty.
  function fillStreets(section, data, row, wanted, order, go) {
    const { rows, looked, unjudged } = safeaudit.ranked(data, row, wanted, order);
    const [, about, list] = section.children;
    const why = !looked ? "page.list.nobody" : unjudged ? "page.list.unjudged" : "page.list.all_judged";
    about.textContent = rows.length ? word(`page.${section.id}.about`)
      : `${word(`page.${section.id}.empty`)} ${word(why, { looked, unjudged })}`;
    if (rows.length > LIST_LENGTH) {
      about.textContent += " " + word("page.list_more", { count: LIST_LENGTH, all: rows.length });
    }
    list.replaceChildren(...rows.slice(0, LIST_LENGTH).map(street => safeaudit.rowButton(
      safeaudit.headOf(data, street.places), safeaudit.partWords(data, street), [safeaudit.bandWords(data, street.band)],
      button => go(street.places, button))));
  }

  // What is to be mended, by kind and by who can mend it: the most frequent first.
  function fillFaults(section, data, go) {
    const { faults, header } = data;
    const groups = new Map();
    for (let row = 0; row < faults.count; row++) {
      const key = `${faults.kind[row]}/${faults.agency[row]}`;
      if (!groups.has(key)) groups.set(key, { row, places: [] });
      groups.get(key).places.push(faults.place[row]);
    }
    const [, about, list] = section.children;
    about.textContent = word(groups.size ? "page.mend.about" : "page.mend.none");
    const ordered = [...groups.values()].sort((a, b) => b.places.length - a.places.length || a.row - b.row);
    list.replaceChildren(...ordered.map(({ row, places }) => {
      const kind = said(header.faults.kind[faults.kind[row] - 1]);
      const agency = header.faults.agency[faults.agency[row] - 1] || word("page.mend.agency_unknown");
      return safeaudit.rowButton(dataText("bdi", "", kind), [dataText("span", "", agency)],
        [bar(places.length / ordered[0].places.length), node("span", "count", safeaudit.placesWord(places.length))],
        button => go(kind, agency, places, button));
    }));
  }

  // A share as the length of a line: scaled by an attribute, as the page's rules let no style in.
  function bar(share) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("class", "bar");
    svg.setAttribute("viewBox", "0 0 100 8");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", `M0 4H${Math.max(2, Math.round(share * 100))}`);
    svg.append(line);
    return svg;
  }

  Object.assign(safeaudit, { fillStreets, fillFaults });
})();

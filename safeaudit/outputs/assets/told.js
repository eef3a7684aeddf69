"use strict";
// The one sentence of the page: how much people looked at in this light, and what of that needs attention.
(() => {
  const LIKELY = 2, LOOK = 1;
  const { word, said } = safeaudit;

  // Streets by their length, spaces and stops by their number; empty where there is nothing.
  function amountOf(data, items) {
    const streets = items.filter(item => safeaudit.isStreet(data, item));
    const places = items.length - streets.length;
    const length = streets.length ? word("page.said.streets", { length: safeaudit.lengthText(safeaudit.lengthOfAll(data, streets)) }) : "";
    const count = places ? safeaudit.placesWord(places) : "";
    return length && count ? word("page.said.both", { streets: length, places: count }) : length || count;
  }

  // The kind of fault that is reported at most places, of all or of those that are marked.
  function commonest({ faults }, marked) {
    const counts = new Map();
    for (let row = 0; row < faults.count; row++) {
      if (marked && !marked[faults.place[row]]) continue;
      counts.set(faults.kind[row], (counts.get(faults.kind[row]) || 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
  }

  // Sentences for what the map shows, or for the part of it whose places are marked and the others' rows taken out. What was not
  // looked at is in none of them.
  function tell(data, row, light, marked) {
    const looked = [], likely = [], look = [], unsure = [];
    row.forEach((seen, item) => {
      if (seen < 0) return;
      looked.push(item);
      if (data.seen.state[seen] !== safeaudit.AUDITED) unsure.push(item);
      else if (data.seen.list[seen] === LIKELY) likely.push(item);
      else if (data.seen.list[seen] === LOOK) look.push(item);
    });
    if (!looked.length) return word(safeaudit.notByDay() ? "page.said.not_by_day" : "page.said.nobody");
    const sentences = [word(`page.said.${data.header.lights[light]}`, { what: amountOf(data, looked) })];
    if (likely.length) sentences.push(word("page.said.likely", { what: amountOf(data, likely) }));
    if (look.length) sentences.push(word("page.said.look", { what: amountOf(data, look) }));
    if (unsure.length < looked.length && !likely.length && !look.length) sentences.push(word("page.said.none"));
    if (unsure.length) sentences.push(word("page.said.unsure", { what: amountOf(data, unsure) }));
    const fault = commonest(data, marked);
    if (fault) sentences.push(word("page.said.fault", { kind: said(data.header.faults.kind[fault[0] - 1]), what: safeaudit.placesWord(fault[1]) }));
    return sentences.join(" ");
  }

  Object.assign(safeaudit, { tell });
})();

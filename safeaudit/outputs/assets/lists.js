"use strict";
// Lists of the panel: what is to be mended and by whom, and the streets that need attention, a second look, or none.
(() => {
  const LIST_LENGTH = 20;
  const { word, said, node, dataText } = safeaudit;

  // Streets by what was seen of them, best first by an order; an empty list says why it is empty.
  function fillStreets(section, data, row, wanted, order, go) {
    const { rows, looked, unjudged } = safeaudit.ranked(data, row, wanted, order);
    const [, about, list] = section.children;
    const why = safeaudit.notByDay() ? "page.said.not_by_day" : !looked ? "page.list.nobody" : unjudged ? "page.list.unjudged" : "page.list.all_judged";
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

  // What a second round changed for what the map shows, area by area; an empty list says why it is empty.
  function fillChanges(box, data, indicator, light, go) {
    const changes = data.header.changes.map(([area, kind, of, when, verdict, difference, low, high, chance, before, after]) =>
      ({ area, kind, of, when, verdict, difference, low, high, chance, before, after }));
    const rows = changes.filter(({ of, when }) => of === indicator && when === light);
    const [summary, about, list] = box.children;
    box.hidden = !changes.length;
    summary.textContent = word("page.change.title");
    about.replaceChildren(rows.length ? comparedRounds(rows) : word("page.change.none"));
    const areas = [...new Set(rows.map(({ area }) => area))];
    list.replaceChildren(...areas.map(area => {
      const lines = rows.filter(row => row.area === area).flatMap(changeLines);
      if (area >= 0) {
        const [name, kind] = data.header.areas[area];
        return safeaudit.rowButton(dataText("bdi", "named", name), [word("kind." + kind)], lines, () => go(area));
      }
      return node("li", "", node("div", "place", node("span", "name", dataText("bdi", "named", data.header.title)), ...lines));
    }));
  }

  // Which rounds are compared, by their names where all rows are of the same two and these have any.
  function comparedRounds(rows) {
    const [{ before, after }] = rows;
    const same = rows.every(row => row.before === before && row.after === after);
    if (!same || !before || !after) return word("page.change.about_unnamed");
    return safeaudit.labelled(safeaudit.filled(word("page.change.about"), { before: [[before, "part"]], after: [[after, "part"]] }));
  }

  function changeLines({ kind, verdict, chance, ...points }) {
    const signed = new Intl.NumberFormat(safeaudit.language.code, { signDisplay: "exceptZero" });
    const numbers = Object.fromEntries(["difference", "low", "high"].map(name => [name, signed.format(points[name])]));
    const sign = { better: "▲", worse: "▼" }[verdict] || "–";
    const line = node("span", "change", `${sign} ${word("kind." + kind)} · `, node("bdi", "", word("page.change." + verdict, numbers)));
    return chance ? [line, node("span", "change facts", word("page.change.chance"))] : [line];
  }

  // How groups of those who walked felt in a light: each everywhere, and by kind of place.
  function fillFelt(box, data, light) {
    const felt = data.header.felt.map(([when, zone, indicator, split, who, score, low, high, round]) =>
      ({ when, zone, round, score, low, high, group: groupWords(indicator, split, who) }));
    const rows = felt.filter(({ when }) => when === light);
    const [summary, about, list] = box.children;
    box.hidden = !felt.length;
    summary.textContent = word("page.felt.title");
    about.textContent = word(rows.length ? "page.felt.about" : "page.felt.none");
    const groups = [...new Set(rows.map(({ group }) => group))];
    list.replaceChildren(...groups.map(group => {
      const members = rows.filter(row => row.group === group);
      return node("li", "", node("div", "place", node("span", "name", dataText("bdi", "named", group)),
        dataText("span", "kind", members[0].round), ...members.map(feltLine)));
    }));
  }

  // Who felt it, with what was asked where that is a city's own question.
  function groupWords(indicator, split, who) {
    const asked = indicator === "feeling" ? [] : [word(`indicator.${indicator}.label`) || indicator];
    return [...asked, word(`question.auditor_${split}.label`), word(`answer.auditor_${split}.${who}`)].join(" · ");
  }

  function feltLine({ zone, score, low, high }) {
    const where = zone ? word("kind." + zone) || word("category." + zone) || zone.replace(/_/g, " ") : word("page.felt.everywhere");
    return node("span", "change felt", bar(score / 100), node("span", "", dataText("bdi", "", where), " · ",
      node("bdi", "", word("page.felt.row", { score, low, high }))));
  }

  // Who reaches what along streets that meet the standard: both lights in one sentence where they are of the same.
  function fillReach(box, data) {
    const rows = data.header.reach.map(([category, label, light, same, unit, all, count, within, reach, low, high]) =>
      ({ category, label, light: data.header.lights[light], same, unit, all, count, within, reach, low, high }));
    const [summary, about, list] = box.children;
    box.hidden = !rows.length;
    summary.textContent = word("report.reach");
    about.textContent = word("report.reach.about");
    list.replaceChildren(...rows.filter(row => !row.same || row.light === "day").map(row => node("li", "", node("bdi", "", reachWords(row, rows)))));
  }

  function reachWords(row, rows) {
    const format = new Intl.NumberFormat(safeaudit.language.code, row.unit === "people" ? {} : { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const amount = value => format.format(row.unit === "people" ? value : value / 1000);
    const within = row.unit === "people" ? word("report.reach.people", { count: amount(row.within) })
      : word("report.reach.km", { km: amount(row.within) });
    const of = { what: word("report.reach." + row.category), indicator: said(row.label), within, count: row.count, all: row.all };
    const dark = rows.find(({ category, light }) => category === row.category && light === "dark");
    if (!row.same || !dark) {
      return word("report.reach.one", { ...of, light: word("light." + row.light), reach: amount(row.reach), low: amount(row.low), high: amount(row.high) });
    }
    return word("report.reach.both", { ...of, day: amount(row.reach), day_low: amount(row.low), day_high: amount(row.high),
      dark: amount(dark.reach), dark_low: amount(dark.low), dark_high: amount(dark.high) });
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

  Object.assign(safeaudit, { fillStreets, fillFaults, fillChanges, fillFelt, fillReach });
})();

"use strict";
// Streets as people know them: the stretches of one name as one, their length, and what was seen of them.
(() => {
  const METRES_PER_STEP = 1.11195;
  const MOST_LISTED = 100;
  const { word, node, answersWord, dataText, swatch, labelOf, labelNode, kindOf, nameOf } = safeaudit;
  const SEGMENT = "segment";

  const isStreet = (data, item) => data.header.place_kinds[data.places.kind[item]][0] === SEGMENT;

  // Places of one kind and name are one street, or the sides of one stop; a place without a name is alone.
  function groupsOf(data) {
    if (data.groups) return data.groups;
    const { name, kind, count } = data.places;
    const numbers = new Map();
    const of = new Int32Array(count);
    const groups = [];
    for (let item = 0; item < count; item++) {
      const key = name[item] ? name[item] * 4 + kind[item] : -1 - item;
      if (!numbers.has(key)) numbers.set(key, groups.push([]) - 1);
      of[item] = numbers.get(key);
      groups[of[item]].push(item);
    }
    data.groups = { of, groups };
    return data.groups;
  }

  const groupOf = (data, item) => groupsOf(data).groups[groupsOf(data).of[item]];

  // Metres along a line, half the outline of an area; 0 for a point.
  function lengthOf({ east, north, ring, vertex, form }, item) {
    const from = vertex[ring[item]];
    const to = vertex[ring[item] + 1] - 1;
    const squeeze = Math.cos(north[from] / 1e5 * Math.PI / 180);
    let metres = 0;
    for (let v = from; v < to; v++) metres += Math.hypot((east[v + 1] - east[v]) * squeeze, north[v + 1] - north[v]);
    return metres * METRES_PER_STEP / (form[item] === 2 ? 2 : 1);
  }

  const lengthOfAll = (data, items) => items.reduce((sum, item) => sum + lengthOf(data.places, item), 0);

  function lengthText(metres) {
    const number = (value, maximumFractionDigits) =>
      new Intl.NumberFormat(safeaudit.language.code, { maximumFractionDigits }).format(value);
    return metres < 995 ? word("page.street.metres", { metres: number(Math.max(1, Math.round(metres / 10)) * 10, 0) })
      : word("page.street.kilometres", { kilometres: number(metres / 1000, 1) });
  }

  // Stretches in the order one walks them: from an end always on to the nearest that is left.
  function inOrder({ boxes, x, y, ring, vertex }, items) {
    if (items.length < 3) return items;
    const middle = item => [(boxes[4 * item] + boxes[4 * item + 2]) / 2, (boxes[4 * item + 1] + boxes[4 * item + 3]) / 2];
    const ends = item => [vertex[ring[item]], vertex[ring[item + 1]] - 1];
    const [cx, cy] = items.map(middle).reduce(([a, b], [p, q]) => [a + p / items.length, b + q / items.length], [0, 0]);
    const away = item => Math.hypot(middle(item)[0] - cx, middle(item)[1] - cy);
    const gap = (a, b) => Math.min(...ends(a).flatMap(v => ends(b).map(w => Math.hypot(x[v] - x[w], y[v] - y[w]))));
    const left = new Set(items);
    let at = items.reduce((best, item) => away(item) > away(best) ? item : best);
    const ordered = [];
    for (;;) {
      ordered.push(at);
      left.delete(at);
      if (!left.size) return ordered;
      const here = at;
      at = [...left].reduce((best, item) => gap(here, item) < gap(here, best) ? item : best);
    }
  }

  // Streets, spaces and stops of which something is wanted, each once: likely before "go and look", then the band that
  // leads (order 1: the lowest), then what has a name, then the longest. Also how many places were looked at, and of how
  // many nobody can tell yet.
  function ranked(data, row, wanted, order) {
    const { of, groups } = groupsOf(data);
    const found = new Map();
    let looked = 0, unjudged = 0;
    row.forEach((seen, item) => {
      if (seen < 0) return;
      looked++;
      if (data.seen.state[seen] !== safeaudit.AUDITED) unjudged++;
      if (!found.has(of[item])) found.set(of[item], { places: groups[of[item]], looked_at: 0, hits: [], band: -1, list: 0 });
      const street = found.get(of[item]);
      street.looked_at++;
      const band = data.seen.band[seen];
      if (data.seen.state[seen] !== safeaudit.AUDITED || !wanted(seen)) return;
      street.hits.push(item);
      street.list = Math.max(street.list, data.seen.list[seen]);
      if (street.band < 0 || order * (band - street.band) < 0) street.band = band;
    });
    const streets = [...found.values()].filter(({ hits }) => hits.length);
    for (const street of streets) street.metres = lengthOfAll(data, street.hits);
    const named = ({ hits }) => data.places.name[hits[0]] > 0;
    const rows = streets.sort((a, b) => b.list - a.list || order * (a.band - b.band) || named(b) - named(a) || b.metres - a.metres ||
      a.hits[0] - b.hits[0]);
    return { rows, looked, unjudged };
  }

  // What stands under the name of a street in a list: how many of its stretches it is about.
  function partWords(data, { places, hits, looked_at, metres }) {
    const street = isStreet(data, places[0]);
    const length = street ? lengthText(metres) : "";
    if (places.length === 1) {
      return [dataText("span", "", kindOf(data, places[0])), street ? ` · ${length} · ` : " · ",
        dataText("span", "", data.header.codes[places[0]])];
    }
    const key = (looked_at === 1 ? "page.street.one" : "page.street.part") + (street ? "" : "_places");
    return [word(key, { count: hits.length, seen: looked_at, length })];
  }

  const headOf = (data, places) => places.length > 1 ? dataText("bdi", "named", nameOf(data, places[0]))
    : labelNode(data, places[0]);

  const bandWords = (data, band) => node("span", "band", swatch("band-" + (band + 1)), node("b", "", `${band + 1}`),
    dataText("span", "", safeaudit.said(data.header.bands[band])));

  // A list's row that leads somewhere: a name, words under it, words beside it.
  function rowButton(name, under, beside, go) {
    const button = node("button", "place", node("span", "name", name), node("span", "kind", ...under), ...beside);
    button.type = "button";
    button.addEventListener("click", () => go(button));
    return node("li", "", button);
  }

  // --- the card of a street: its stretches in order ----------------------------------------------------------------
  function streetWords(data, places) {
    const street = isStreet(data, places[0]);
    const length = street ? lengthText(lengthOfAll(data, places)) : "";
    return [dataText("span", "", street ? word("kind.segment") : kindOf(data, places[0])), " · ",
      word(street ? "page.street.stretches" : "page.street.places", { count: places.length, length })];
  }

  // What is to be mended along a street: each kind with the number of its places.
  function mendingAlong(data, places) {
    const { faults, header } = data;
    const mine = new Set(places);
    const counts = new Map();
    for (let row = 0; row < faults.count; row++) {
      if (mine.has(faults.place[row])) counts.set(faults.kind[row], (counts.get(faults.kind[row]) || 0) + 1);
    }
    const lines = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([kind, count]) => node("li", "",
      dataText("b", "", safeaudit.said(header.faults.kind[kind - 1])), " ", node("span", "facts", placesWord(count))));
    return lines.length ? [node("section", "finding", node("h3", "", word("page.mend.title")), node("ul", "", ...lines))] : [];
  }

  const placesWord = count => word(count === 1 ? "page.mend.one_place" : "page.mend.places", { count });

  // Rows for places, with what was seen of each in what the map shows.
  function stretchList(data, row, places, label, go) {
    const indicator = safeaudit.shownLabel();
    const lines = places.slice(0, MOST_LISTED).map(item => {
      const seen = row[item];
      const unrated = data.audited[item] ? word("page.street.not_rated", { indicator }) : word("page.legend.not_audited");
      const under = seen < 0 ? [unrated] : [answersWord(data, seen),
        data.seen.state[seen] === safeaudit.AUDITED ? "" : ` · ${word("state." + data.header.states[data.seen.state[seen]])}`];
      const beside = seen < 0 ? [] : [bandWords(data, data.seen.band[seen])];
      return rowButton(label(item), under, beside, () => go(item));
    });
    const more = word("page.list_more", { count: MOST_LISTED, all: places.length });
    return [places.length > MOST_LISTED ? node("p", "facts", more) : "", node("ol", "stretches", ...lines)];
  }

  function streetBody(data, row, places, go) {
    const looked_at = inOrder(data.places, places).filter(item => data.audited[item]);
    if (!looked_at.length) return [node("p", "missing", word("page.street.nobody"))];
    const street = isStreet(data, places[0]);
    const length = street ? lengthText(lengthOfAll(data, looked_at)) : "";
    const key = street ? "page.street.seen" : "page.street.seen_places";
    return [node("p", "", word(key, { seen: looked_at.length, all: places.length, length })), ...mendingAlong(data, places),
      node("h3", "", dataText("span", "", safeaudit.shownLabel())),
      ...stretchList(data, row, looked_at, item => safeaudit.stretchNode(data, item), go)];
  }

  // Places by the words of their labels, for a card that is not about one street.
  const byLabel = (data, places) => places.map(item => [labelOf(data, item), item])
    .sort(([a, i], [b, j]) => a.localeCompare(b, safeaudit.language.code) || i - j).map(([, item]) => item);

  Object.assign(safeaudit, { groupsOf, groupOf, ranked, partWords, headOf, bandWords, rowButton, streetWords, streetBody,
    stretchList, byLabel, placesWord, isStreet, lengthText, lengthOfAll });
})();

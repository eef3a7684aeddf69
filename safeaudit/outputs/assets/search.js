"use strict";
// Search: a street once, by its name as people write it; a place by its code; parks by what they are.
(() => {
  const NOTHING = 9;
  const CODE = /^[A-Z0-9]+$/;
  // Signs that people write for each other and that no decomposition brings together.
  const SAME = { "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ء": "", "ـ": "", "ß": "ss", "ø": "o", "ł": "l",
    "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe", "ʼ": "", "’": "", "'": "" };
  const FOLDED = new RegExp(`[${Object.keys(SAME).join("")}]`, "g");

  // Text without case, marks (accents, hamza on its seat, vowel signs) and what stands between words.
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(FOLDED, sign => SAME[sign])
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  function indexOf(data) {
    const { header, places } = data;
    const { groups } = safeaudit.groupsOf(data);
    const looked_at = group => group.some(item => data.audited[item]);
    const index = [];
    for (const group of groups) {
      const [first] = group;
      const street = safeaudit.isStreet(data, first);
      if (street && !places.name[first]) continue;
      const said = places.name[first] ? safeaudit.nameOf(data, first) : safeaudit.labelOf(data, first);
      index.push({ said, text: plain(said), what: street ? "" : plain(safeaudit.kindOf(data, first)), places: group, looked_at: looked_at(group) });
    }
    header.areas.forEach(([name, kind], area) => {
      index.push({ said: name, text: plain(name), what: plain(safeaudit.word("kind." + kind)), places: [area], area, looked_at: true });
    });
    return index;
  }

  // Places by their codes, which are plain but for their case: no index of them is needed.
  function coded({ header, audited }, wanted) {
    const found = [];
    header.codes.forEach((said, place) => {
      const text = CODE.test(said) ? said.toLowerCase() : plain(said);
      if (text.includes(wanted)) found.push({ said, text, what: "", places: [place], looked_at: audited[place] > 0 });
    });
    return found;
  }

  // How well something fits, from the letter on: the whole name, what it is, a whole word, the beginning, the beginning of a word, a part.
  function fit({ said, text, what }, typed, wanted) {
    if (said === typed) return -1;
    if (!wanted) return NOTHING;
    if (text === wanted) return 0;
    if (what === wanted) return 1;
    const at = ` ${text} `.indexOf(` ${wanted}`);
    if (at >= 0 && ` ${text} `.includes(` ${wanted} `)) return 2;
    if (at === 0) return 3;
    if (at > 0) return 4;
    return text.includes(wanted) ? 5 : NOTHING;
  }

  // What is found, best first; of equals what somebody has looked at, then the shortest.
  function search(data, typed) {
    const wanted = plain(typed);
    if (!typed) return [];
    data.index = data.index || indexOf(data);
    const codes = wanted ? coded(data, wanted) : [];
    return [...data.index, ...codes].map(entry => ({ entry, rank: fit(entry, typed, wanted) })).filter(({ rank }) => rank < NOTHING)
      .sort((a, b) => a.rank - b.rank || b.entry.looked_at - a.entry.looked_at || a.entry.text.length - b.entry.text.length ||
        a.entry.places[0] - b.entry.places[0])
      .map(({ entry }) => entry);
  }

  Object.assign(safeaudit, { search, plain });
})();

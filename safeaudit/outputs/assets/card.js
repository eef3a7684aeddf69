"use strict";
// Words for one place, as DOM nodes: text enters by textContent alone.
(() => {
  const LONGEST_NAME = 160;
  const NO_LEVEL = 4;

  // A text of the catalogue that came with the data, by its key, its braces filled; English where a language lacks it.
  const word = (key, values) => {
    const { languages } = safeaudit;
    const text = safeaudit.language.words[key] || languages[languages.length - 1].words[key];
    return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name]) : text;
  };

  // A text that came with the data: in the language of the page where a catalogue has it, else as it is.
  const said = ([text, key]) => key && word(key) || text;

  // An element with a class and children: nodes, or text that may come from data.
  function node(tag, style, ...children) {
    const element = document.createElement(tag);
    if (style) element.className = style;
    element.append(...children.filter(child => child !== ""));
    return element;
  }

  const dataText = (tag, style, text) => {
    const element = node(tag, style, text.length > LONGEST_NAME ? text.slice(0, LONGEST_NAME) + "…" : text);
    element.dir = "auto";
    return element;
  };

  function swatch(id) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "swatch");
    svg.setAttribute("viewBox", "0 0 44 16");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#" + id);
    svg.append(use);
    return svg;
  }

  const kindOf = (data, item) => {
    const category = data.places.category[item] && data.header.categories[data.places.category[item] - 1];
    const kind = data.header.place_kinds[data.places.kind[item]][0];
    return (category && (word(`category.${kind}.${category}`) || word("category." + category))) || category ||
      word("kind." + kind);
  };

  const nameOf = (data, item) => data.header.names[data.places.name[item] - 1];

  // A phrase of the catalogue in pieces: its own text, and what fills its braces, [text, class] each: that is data.
  const filled = (phrase, values) => phrase.split(/\{(\w+)\}/)
    .flatMap((piece, at) => at % 2 ? values[piece] : piece ? [[piece]] : []);

  const NAMELESS = /^way|^inside$/;
  const wayWord = what => word("label.way." + what) || word("category." + what) || what.replace(/_/g, " ");

  function markWord(mark) {
    const [number, count] = mark.split("/");
    return count ? word("label.part", { number, count }) : word("label.side." + mark) || mark;
  }

  function labelPieces(data, item) {
    const { places, header } = data;
    const kind = header.label_kinds[places.label[item]];
    const text = code => code ? header.names[code - 1] : "";
    const name = text(places.word[item] || places.name[item]);
    const start = [[text(places.start[item]), "part"]];
    const label = filled(word("label." + kind), { name: [[NAMELESS.test(kind) ? wayWord(name) : name, "named"]],
      start, near: start, end: [[text(places.end[item]), "part"]] });
    if (!places.mark[item]) return label;
    const marks = header.marks[places.mark[item] - 1].split(" ").map(markWord);
    return [...label, [" ("], [marks.join(", "), "part"], [")"]];
  }

  // The label of a place, as text and as an element in which every name keeps its own direction.
  const labelOf = (data, item) => labelPieces(data, item).map(([text]) => text).join("");
  const labelled = pieces => {
    const element = node("span", "label", ...pieces.map(([text, style]) => style ? dataText("bdi", style, text) : text));
    element.dir = "auto";
    return element;
  };
  const labelNode = (data, item) => labelled(labelPieces(data, item));

  // A stretch on the card of its street: its label without the name; all of it where nothing is left.
  const stretchNode = (data, item) => {
    const rest = labelPieces(data, item).filter(([, style]) => style !== "named");
    if (rest.length && !rest[0][1]) rest[0] = [rest[0][0].replace(/^[\s,،、;:]+/, "")];
    return rest.some(([text]) => text) ? labelled(rest) : labelNode(data, item);
  };

  // How many answers a row rests on, and of how many people: a group that agreed gave one.
  const answersWord = ({ header, seen }, row) =>
    word("page.card.answers", { n: said(header.answers[seen.n[row] - 1]), people: said(header.people[seen.people[row] - 1]) });

  // Where a row comes from: how many said it, when, and how sure that makes it.
  const factsOf = (data, row) => [answersWord(data, row),
    data.seen.quarter[row] ? data.header.quarters[data.seen.quarter[row] - 1] : word("page.card.quarter_unknown"),
    word("state." + data.header.states[data.seen.state[row]])].join(" · ");

  function finding(data, row, facts) {
    const { seen, header } = data;
    const indicator = header.indicators[seen.indicator[row]];
    const item = node("li", "finding");
    item.append(node("h3", "", dataText("span", "", said(indicator.label)), " ",
      node("span", "light", word("light." + header.lights[seen.light[row]]).toLowerCase())));
    if (seen.level[row] !== NO_LEVEL && indicator.levels[seen.level[row]]) {
      item.append(dataText("p", "level", said(indicator.levels[seen.level[row]])));
    }
    item.append(node("p", "band", swatch("band-" + (seen.band[row] + 1)), node("b", "", `${seen.band[row] + 1}`),
      dataText("span", "", said(header.bands[seen.band[row]]))));
    if (seen.level_0[row]) item.append(node("p", "lowest", swatch("level-0"), node("span", "", word("page.card.level_0"))));
    if (facts) item.append(node("p", "facts", facts));
    return item;
  }

  // What is to be mended at a place, with who can mend it.
  function mending(data, place) {
    const { faults, header } = data;
    const list = node("ul", "");
    for (let row = 0; row < faults.count; row++) {
      if (faults.place[row] !== place) continue;
      const facts = [word("page.mend.reports", { n: said(header.faults.n[faults.n[row] - 1]) })];
      if (faults.quarter[row]) facts.push(header.faults.quarter[faults.quarter[row] - 1]);
      const agency = header.faults.agency[faults.agency[row] - 1];
      if (agency) facts.push(agency);
      facts.push(word("page.mend.status." + header.faults.status[faults.status[row] - 1]));
      list.append(node("li", "", dataText("b", "", said(header.faults.kind[faults.kind[row] - 1])), " ",
        dataText("span", "facts", facts.join(" · "))));
    }
    return list.childElementCount ? [node("section", "finding", node("h3", "", word("page.mend.title")), list)] : [];
  }

  // What the map says of a street: words of its layers.
  function mapped(data, place) {
    const lines = data.header.layers.flatMap((layer, at) => {
      const step = data.layers[at][place] - 1;
      return step > 0 ? [node("li", "", dataText("span", "facts", `${said(layer.label)}: ${said(layer.steps[step - 1])}`))] : [];
    });
    return lines.length ? [node("section", "finding", node("h3", "", word("page.mapped.says")), node("ul", "", ...lines))] : [];
  }

  // What was seen of a place in one light. What all findings have in common, who said it and when, is said once.
  function findingsIn(data, rows) {
    const facts = rows.map(row => factsOf(data, row));
    const same = rows.length > 1 && new Set(facts).size === 1;
    const list = node("ul", "findings", ...rows.map((row, at) => finding(data, row, same ? "" : facts[at])));
    return [list, ...same ? [node("p", "facts", facts[0])] : []];
  }

  // Everything known about a place: what is to be mended first, a list of findings for each light, the one on the map
  // first, and what nobody rated.
  function findings(data, place, light) {
    const rows = [];
    for (let row = 0; row < data.seen.count; row++) if (data.seen.place[row] === place) rows.push(row);
    const lights = [...new Set(rows.map(row => data.seen.light[row]))].sort((a, b) => (b === light) - (a === light) || a - b);
    const lists = lights.map(one => findingsIn(data, rows.filter(row => data.seen.light[row] === one)));
    const rated = new Set(rows.map(row => data.seen.indicator[row]));
    const missing = data.header.indicators.filter((_, index) => !rated.has(index)).map(({ label }) => said(label));
    const rest = rated.size ? word("page.card.not_seen", { list: missing.join(", ") }) : word("page.card.nothing_seen");
    return [...mending(data, place), ...lists.flat(), ...mapped(data, place),
      ...missing.length ? [dataText("p", "missing", rest)] : []];
  }

  const placeWords = (data, place) => [dataText("span", "", kindOf(data, place)), ` · ${word("page.card.code")} `,
    dataText("b", "", data.header.codes[place])];

  const line = (id, letter, text) => node("li", "", swatch(id), letter ? node("b", "", letter) : "", dataText("span", "", text));

  const legend = data => [...data.header.bands.map((text, band) => line("band-" + (band + 1), `${band + 1}`, said(text))),
    line("few", "", word("page.legend.few")), line("not-audited", "", word("page.legend.not_audited")),
    line("stale", "", word("page.legend.stale")), line("level-0", "", word("page.legend.level_0"))];

  // The steps of a layer, and how much of it is known.
  function layerLegend(layer, percent) {
    const first = 5 - layer.steps.length;
    const lines = layer.steps.map((text, step) => line("step-" + (first + step), "", said(text)));
    return [...lines, node("li", "facts", word("page.mapped.known", { share: percent(layer.coverage) }))];
  }

  Object.assign(safeaudit, { word, said, node, answersWord, dataText, swatch, filled, kindOf, nameOf, labelOf, labelled, labelNode, stretchNode,
    placeWords, findings, legend, layerLegend });
})();

"use strict";
// Words for one place, as DOM nodes: text enters by textContent alone.
(() => {
  const LONGEST_NAME = 160;
  const NO_LEVEL = 4;

  // A text of the catalogue that came with the data, by its key, its braces filled.
  const word = (key, values) => {
    const text = safeaudit.language.words[key];
    return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name]) : text;
  };

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
    word("page.card.answers", { n: header.answers[seen.n[row] - 1], people: header.people[seen.people[row] - 1] });

  function finding(data, row) {
    const { seen, header } = data;
    const indicator = header.indicators[seen.indicator[row]];
    const item = node("li", "finding");
    item.append(node("h3", "", dataText("span", "", indicator.label), " ",
      node("span", "light", word("light." + header.lights[seen.light[row]]).toLowerCase())));
    if (seen.level[row] !== NO_LEVEL && indicator.levels[seen.level[row]]) {
      item.append(dataText("p", "level", indicator.levels[seen.level[row]]));
    }
    const band = node("p", "band", swatch("band-" + (seen.band[row] + 1)), node("b", "", `${seen.band[row] + 1}`));
    band.append(dataText("span", "", header.bands[seen.band[row]]));
    item.append(band);
    if (seen.level_0[row]) item.append(node("p", "lowest", swatch("level-0"), node("span", "", word("page.card.level_0"))));
    const quarter = seen.quarter[row] ? header.quarters[seen.quarter[row] - 1] : word("page.card.quarter_unknown");
    const facts = [answersWord(data, row), quarter,
      word("state." + header.states[seen.state[row]])];
    item.append(node("p", "facts", facts.join(" · ")));
    return item;
  }

  // What is to be mended at a place, with who can mend it.
  function mending(data, place) {
    const { faults, header } = data;
    const list = node("ul", "");
    for (let row = 0; row < faults.count; row++) {
      if (faults.place[row] !== place) continue;
      const facts = [word("page.mend.reports", { n: header.faults.n[faults.n[row] - 1] })];
      if (faults.quarter[row]) facts.push(header.faults.quarter[faults.quarter[row] - 1]);
      const agency = header.faults.agency[faults.agency[row] - 1];
      if (agency) facts.push(agency);
      facts.push(word("page.mend.status." + header.faults.status[faults.status[row] - 1]));
      list.append(node("li", "", dataText("b", "", header.faults.kind[faults.kind[row] - 1]), " ",
        dataText("span", "facts", facts.join(" · "))));
    }
    return list.childElementCount ? [node("section", "finding", node("h3", "", word("page.mend.title")), list)] : [];
  }

  // What the map says of a street: words of its layers.
  function mapped(data, place) {
    const said = data.header.layers.flatMap(({ label, steps }, layer) => {
      const step = data.layers[layer][place] - 1;
      return step > 0 ? [node("li", "", dataText("span", "facts", `${label}: ${steps[step - 1]}`))] : [];
    });
    return said.length ? [node("section", "finding", node("h3", "", word("page.mapped.says")), node("ul", "", ...said))] : [];
  }

  // Everything known about a place: a list of findings, and what nobody rated.
  function findings(data, place) {
    const list = node("ul", "findings");
    const rated = new Set();
    for (let row = 0; row < data.seen.count; row++) {
      if (data.seen.place[row] !== place) continue;
      rated.add(data.seen.indicator[row]);
      list.append(finding(data, row));
    }
    const missing = data.header.indicators.filter((_, index) => !rated.has(index)).map(indicator => indicator.label);
    const more = [...mending(data, place), ...mapped(data, place)];
    const rest = rated.size ? word("page.card.not_seen", { list: missing.join(", ") }) : word("page.card.nothing_seen");
    return missing.length ? [list, ...more, dataText("p", "missing", rest)] : [list, ...more];
  }

  const placeWords = (data, place) => [dataText("span", "", kindOf(data, place)), ` · ${word("page.card.code")} `,
    dataText("b", "", data.header.codes[place])];

  function legend(data) {
    const line = (id, letter, text) => node("li", "", swatch(id), letter ? node("b", "", letter) : "",
      dataText("span", "", text));
    return [...data.header.bands.map((text, band) => line("band-" + (band + 1), `${band + 1}`, text)),
      line("few", "", word("page.legend.few")), line("stale", "", word("page.legend.stale")),
      line("level-0", "", word("page.legend.level_0")), line("not-audited", "", word("page.legend.not_audited"))];
  }

  // The steps of a layer, and how much of it is known.
  function layerLegend({ steps, coverage }, percent) {
    const first = 5 - steps.length;
    const lines = steps.map((text, step) => node("li", "", swatch("step-" + (first + step)), dataText("span", "", text)));
    return [...lines, node("li", "facts", word("page.mapped.known", { share: percent(coverage) }))];
  }

  Object.assign(safeaudit, { word, node, answersWord, dataText, swatch, filled, kindOf, nameOf, labelOf, labelled, labelNode, stretchNode,
    placeWords, findings, legend, layerLegend });
})();

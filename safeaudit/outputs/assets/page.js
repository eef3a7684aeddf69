"use strict";
// The page around the map: words, controls, legend, card and search.
(() => {
  const RESULTS = 12;
  const MARK = "place=";
  const PICTURE = /src="(data:image\/svg\+xml;base64,[A-Za-z0-9+/=]+)"/;
  const WIDE = window.matchMedia("(min-width: 900px)");
  const POINTER = window.matchMedia("(hover: hover)");
  const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");
  const { word, said, node, dataText } = safeaudit;
  const by = id => document.getElementById(id);
  const say = (id, text) => { by(id).textContent = text; };

  let data, map, streets, opener, refresh;
  let indicator = 0;
  let light = 0;  // of the lights that were seen the first: after dark, where anybody looked then
  let layer = -1;
  let lamps = false;
  let area = -1;

  const shownIndicator = () => data.header.indicators[indicator] || { name: "", label: ["", ""] };

  safeaudit.shownLabel = () => said(shownIndicator().label);

  // Whether nobody could have seen what is chosen: lighting by day.
  safeaudit.notByDay = () => shownIndicator().dark && data.header.lights[light] === "day";

  const showing = () => `${safeaudit.shownLabel()} · ${word("light." + data.header.lights[light])}`;

  function setWords() {
    const { header } = data;
    document.documentElement.lang = safeaudit.language.code;
    document.documentElement.dir = safeaudit.language.direction;
    document.title = `${header.title}: ${word("page.name")}`;
    say("title", header.title);
    by("title").dir = "auto";
    for (const [id, key] of [["subtitle", "subtitle"], ["search-label", "search.label"], ["legend-title", "legend.title"],
      ["kinds", "legend.kinds"], ["share-title", "share.title"], ["fit", "map.fit"], ["print", "map.print"], ["picture", "map.picture"], ["hall", "map.hall"],
      ["copy", "card.copy"], ["mend-title", "mend.title"], ["attention-title", "attention.title"], ["look-title", "look.title"],
      ["strengths-title", "strengths.title"], ["about-title", "about.title"]]) {
      say(id, word("page." + key));
    }
    by("more").firstElementChild.textContent = word("page.legend.more");
    say("as-of", header.as_of ? word("page.as_of", { quarter: header.as_of }) : "");
    by("remarks").replaceChildren(...[...header.remarks.map(said), ...safeaudit.language.draft ? [word("page.draft")] : []]
      .map(remark => dataText("p", "", remark)));
    say("credit", header.attribution);
    by("map").setAttribute("aria-label", word("page.map.label"));
    for (const [sign, key] of [["in", "map.zoom_in"], ["out", "map.zoom_out"]]) {
      const button = by("map").querySelector(".leaflet-control-zoom-" + sign);
      button.title = word("page." + key);
      button.setAttribute("aria-label", button.title);
    }
    by("card-close").setAttribute("aria-label", word("page.card.close"));
    const about = [word("page.about.1"), word("page.about.2"), word("page.about.3")];
    if (header.dropped) about.push(word("page.about.dropped", { count: header.dropped }));
    by("about").lastElementChild.replaceChildren(...about.map(text => node("p", "", text)));
    safeaudit.sayTabs();
    setControls();
    setMapped();
    setAreas();
    safeaudit.fillReach(by("reach"), data);
    setLegend();
    for (const id of ["search-status", "search-results"]) by(id).replaceChildren();
  }

  // The languages of the page, where there are several: all words are said anew, and what was chosen stays.
  function setLanguages() {
    const { languages } = safeaudit;
    by("language-label").hidden = languages.length < 2;
    by("language").append(...languages.map(({ name, code }) => new Option(name || code, code)));
    by("language").addEventListener("change", () => {
      safeaudit.language = languages.find(({ code }) => code === by("language").value);
      closeCard(false);
      data.index = null;
      setWords();
      by("language-label").firstElementChild.textContent = word("page.language");
      safeaudit.fillFaults(by("mend"), data, openFaults);
      update();
    });
    by("language-label").firstElementChild.textContent = word("page.language");
  }

  function radio(group, value, label, checked, choose) {
    const input = node("input");
    Object.assign(input, { type: "radio", name: group, value, checked });
    input.addEventListener("change", choose);
    return node("label", "choice", input, dataText("span", "", label));
  }

  // Radio buttons in place of those that were there, under the heading of their group.
  function refill(id, ...choices) {
    by(id).replaceChildren(by(id).firstElementChild, ...choices);
  }

  function setControls() {
    const { header } = data;
    by("indicators").firstElementChild.textContent = word("page.show");
    refill("indicators", ...header.indicators.map((one, index) =>
      radio("indicator", index, said(one.label), index === indicator, () => {
        indicator = index;
        update();
      })));
    const lights = safeaudit.lightsOf(data);
    if (lights.length < 2) return;
    by("lights").hidden = false;
    by("lights").firstElementChild.textContent = word("page.when");
    refill("lights", ...lights.map(value => radio("light", value, word("light." + header.lights[value]), value === light, () => {
      light = value;
      update();
    })));
  }

  // The legend: each band a filter; what is known of few, and what of nobody; the rest on demand.
  function setLegend() {
    const lines = safeaudit.legend(data);
    const bands = data.header.bands.map((_, band) => {
      const button = node("button", "filter", ...lines[band].childNodes);
      button.type = "button";
      button.setAttribute("aria-pressed", String(streets.bands.has(band)));
      button.title = word("page.legend.filter");
      button.addEventListener("click", () => {
        streets.filter(band);
        button.setAttribute("aria-pressed", String(streets.bands.has(band)));
      });
      return node("li", "", button);
    });
    by("bands").replaceChildren(...bands, ...lines.slice(bands.length, bands.length + 2));
    by("rest").replaceChildren(...lines.slice(bands.length + 2));
  }

  // Never "100 %" where something is missing, nor "0 %" where something is there.
  function percent(share) {
    const shown = Math.min(share < 1 ? 0.99 : 1, Math.max(share > 0 ? 0.01 : 0, share));
    return new Intl.NumberFormat(safeaudit.language.code, { style: "percent", maximumFractionDigits: 0 }).format(shown);
  }

  function setMapped() {
    const { layers } = data.header;
    if (!layers.length && !data.lamps.count) return;
    by("mapped").hidden = false;
    by("mapped").firstElementChild.textContent = word("page.mapped.title");
    const box = by("mapped-choices");
    box.replaceChildren();
    [word("page.mapped.none"), ...layers.map(({ label }) => said(label))].forEach((label, index) => {
      box.append(radio("mapped", index - 1, label, index - 1 === layer, () => {
        layer = index - 1;
        updateMapped();
      }));
    });
    if (!data.lamps.count) return;
    const input = node("input");
    Object.assign(input, { type: "checkbox", checked: lamps });
    input.addEventListener("change", () => {
      lamps = input.checked;
      updateMapped();
    });
    box.append(node("label", "choice", input, node("span", "", word("page.mapped.lamps", { count: data.lamps.count }))));
  }

  function updateMapped() {
    const shown = data.header.layers[layer];
    streets.showEvidence(layer, lamps);
    by("steps").hidden = !shown && !lamps;
    const lines = shown ? safeaudit.layerLegend(shown, percent) : [];
    if (lamps) {
      lines.push(node("li", "", safeaudit.swatch("lamp"), node("span", "", word("page.mapped.lamp"))));
      lines.push(node("li", "facts", word("page.mapped.lamps_known", { share: percent(data.header.lamp_coverage) })));
    }
    by("steps").replaceChildren(node("li", "facts", word("page.mapped.about")), ...lines);
    by("steps-title").hidden = by("steps").hidden;
    say("steps-title", shown ? said(shown.label) : word("page.mapped.lamp"));
  }

  function updateLegend() {
    const name = shownIndicator().name;
    const rows = data.header.coverage.filter(([of, when, , seen]) => of === name && when === light && seen !== null);
    by("shares").replaceChildren(...rows.map(([, , kind, seen]) => {
      return node("li", "", node("b", "", percent(1 - seen)), " " + word("page.share." + kind));
    }));
  }

  function update() {
    streets.show(safeaudit.select(data, indicator, light));
    say("showing", showing());
    say("sentence", safeaudit.tell(data, streets.row, light));
    by("printed").replaceChildren(dataText("b", "", showing()), dataText("span", "", data.header.attribution));
    updateLegend();
    safeaudit.fillChanges(by("changed"), data, indicator, light, focusArea);
    safeaudit.fillFelt(by("felt"), data, light);
    const list = (id, wanted, order) => safeaudit.fillStreets(by(id), data, streets.row, wanted, order, focusStreet);
    list("attention", row => data.seen.list[row] === 2, 1);
    list("look", row => data.seen.list[row] === 1, 1);
    list("strengths", row => data.seen.band[row] === 3 && !data.seen.list[row], -1);
    if (refresh) by("card-body").replaceChildren(...refresh());
  }

  // --- one place, one street -------------------------------------------------------------------------------------
  function focusStreet(places, from) {
    if (places.length === 1) openCard(places[0], from);
    else openStreet(places, from);
    show(places);
  }

  function show(places) {
    safeaudit.setSheet("peek");
    map.fitBounds(safeaudit.boundsOf(data.places, places), { maxZoom: 17, animate: false, paddingTopLeft: [40, 40],
      paddingBottomRight: uncovered() });
  }

  // Room to leave so that the card does not hide what it speaks of: beside it, or below it on a phone.
  function uncovered() {
    const stage = by("stage").getBoundingClientRect();
    const card = by("card").getBoundingClientRect();
    if (!card.height) return [40, 40];
    if (WIDE.matches) return [card.width + 40, 60];
    return [40, Math.max(40, Math.min(stage.bottom - card.top, stage.height - 120) + 20)];
  }

  function fillCard(places, title, about, body, from) {
    opener = from;
    refresh = null;
    streets.choose(places);
    by("card-title").replaceChildren(title);
    by("card-place").replaceChildren(...about);
    by("card-body").replaceChildren(...body);
    by("card").hidden = false;
    by("card").scrollTop = 0;
    coverPanel();
    by("copied").replaceChildren();
    by("card-link").hidden = places.length > 1;
    setAddress(places.length === 1 ? data.header.codes[places[0]] : "");
    by("card-title").focus({ preventScroll: true });
  }

  // On a phone a card lies over the panel: nothing under it can be reached.
  function coverPanel() {
    by("panel").inert = !by("card").hidden && !WIDE.matches;
  }

  function openCard(place, from) {
    const street = safeaudit.groupOf(data, place);
    fillCard([place], safeaudit.labelNode(data, place), safeaudit.placeWords(data, place), [
      ...street.length > 1 ? [wholeStreet(street, from)] : [], ...safeaudit.findings(data, place, light)], from);
  }

  function wholeStreet(street, from) {
    const said = safeaudit.filled(word("page.street.whole"), { name: [[safeaudit.nameOf(data, street[0]), "part"]] });
    const button = node("button", "whole", safeaudit.labelled(said));
    button.type = "button";
    button.addEventListener("click", () => focusStreet(street, from));
    return button;
  }

  function openStreet(places, from) {
    const body = () => safeaudit.streetBody(data, streets.row, places, item => focusStreet([item], from));
    fillCard(places, safeaudit.headOf(data, places), safeaudit.streetWords(data, places), body(), from);
    refresh = body;
  }

  function openFaults(kind, agency, places, from) {
    if (places.length === 1) {
      focusStreet(places, from);
      return;
    }
    const body = () => safeaudit.stretchList(data, streets.row, safeaudit.byLabel(data, places),
      item => safeaudit.labelNode(data, item), item => focusStreet([item], from));
    const about = [dataText("span", "", agency), " · ", safeaudit.placesWord(places.length)];
    fillCard(places, dataText("span", "", kind), about, body(), from);
    refresh = body;
    show(places);
  }

  function closeCard(restore) {
    if (by("card").hidden) return;
    by("card").hidden = true;
    coverPanel();
    setAddress("");
    refresh = null;
    streets.choose([]);
    if (!restore) return;
    (opener && opener.isConnected ? opener : by("map")).focus({ preventScroll: true });
  }

  // --- a place's own address ---------------------------------------------------------------------------------------
  function setAddress(code) {
    history.replaceState(null, "", code ? `#${MARK}${encodeURIComponent(code)}` : location.pathname + location.search);
  }

  // The place that the address names, shown; nothing where it names none that is on this map.
  function openAddressed() {
    const { hash } = location;
    if (!hash.startsWith("#" + MARK)) return;
    const place = data.header.codes.indexOf(decoded(hash.slice(1 + MARK.length)).toUpperCase());
    if (place >= 0) focusStreet([place], by("map"));
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch (error) {
      return "";
    }
  }

  function copyAddress() {
    const failed = () => say("copied", word("page.card.copy_by_hand"));
    if (!navigator.clipboard) failed();
    else navigator.clipboard.writeText(location.href).then(() => say("copied", word("page.card.copied")), failed);
  }

  const tapped = latlng => {
    const place = safeaudit.placeAt(data, latlng, map.getZoom());
    if (place >= 0) openCard(place, by("map"));
    else closeCard(true);
  };

  // The label of the place under the pointer, where there is a pointer.
  const tip = L.tooltip({ direction: "top", offset: [0, -10], className: "tip" });
  let under = -1;
  function pointed(latlng) {
    const place = latlng ? safeaudit.placeAt(data, latlng, map.getZoom()) : -1;
    by("map").classList.toggle("over-place", place >= 0);
    if (place < 0 || !POINTER.matches) tip.remove();
    else {
      tip.setLatLng(latlng);
      if (place !== under) tip.setContent(safeaudit.labelNode(data, place));
      if (!map.hasLayer(tip)) tip.addTo(map);
    }
    under = place;
  }

  // --- search ----------------------------------------------------------------------------------------------------
  function search() {
    const typed = by("search").value.trim();
    const hits = safeaudit.search(data, typed);
    say("search-status", !typed ? "" : !hits.length ? word("page.search.none")
      : hits.length > RESULTS ? word("page.search.more", { count: RESULTS, all: hits.length })
        : word("page.search.found", { count: hits.length }));
    by("search-results").replaceChildren(...hits.slice(0, RESULTS).map(({ places, area }) => {
      if (area !== undefined) return areaRow(area);
      const about = places.length > 1 ? safeaudit.streetWords(data, places) : safeaudit.placeWords(data, places[0]);
      return safeaudit.rowButton(safeaudit.headOf(data, places), about, [], button => focusStreet(places, button));
    }));
  }

  // A ward or site in a list: it is shown, and has no card.
  function areaRow(item) {
    const [name, kind] = data.header.areas[item];
    return safeaudit.rowButton(dataText("bdi", "named", name), [word("kind." + kind)], [], () => focusArea(item));
  }

  function focusArea(item) {
    closeCard(false);
    chooseArea(item);
    safeaudit.setSheet("peek");
    map.fitBounds(safeaudit.boundsOf(data.areas, [item]), { animate: false, padding: [14, 14] });
  }

  function chooseArea(item) {
    area = item;
    streets.chooseArea(item);
  }

  function setAreas() {
    const { areas } = data.header;
    if (!areas.length) return;
    by("areas").hidden = false;
    by("areas").firstElementChild.textContent = word("page.areas");
    by("areas").lastElementChild.replaceChildren(...areas.map((_, item) => areaRow(item)));
  }

  // --- to take along ---------------------------------------------------------------------------------------------
  function print() {
    by("app").classList.toggle("upright", safeaudit.drawPaper(data, streets.row, map.getBounds(), by("paper")));
  }

  // The area that was chosen, else what somebody looked at of what is on screen, else all that is on screen.
  function pictured() {
    if (area >= 0) return L.latLngBounds(safeaudit.boundsOf(data.areas, [area])).pad(0.04);
    const view = map.getBounds();
    const shown = [...data.places.kind.keys()].filter(item => streets.row[item] >= 0 &&
      view.intersects(safeaudit.boundsOf(data.places, [item])));
    return shown.length ? L.latLngBounds(safeaudit.boundsOf(data.places, shown)).pad(0.04) : view;
  }

  function takePicture() {
    const bounds = pictured();
    const name = [data.header.title, ...area < 0 ? [] : [data.header.areas[area][0]], showing()].map(safeaudit.plain).join("_");
    safeaudit.savePicture(safeaudit.drawPicture(data, streets.row, { bounds, area, light, showing: showing() }),
      name.replace(/ /g, "-").slice(0, 100) + ".png");
  }

  // --- start -----------------------------------------------------------------------------------------------------
  function setMap() {
    map = L.map("map", { attributionControl: false, zoomControl: false, fadeAnimation: false, minZoom: 3, maxZoom: 19,
      zoomSnap: safeaudit.ZOOM_STEP, zoomAnimation: !STILL.matches, markerZoomAnimation: !STILL.matches, inertia: !STILL.matches });
    L.control.zoom().addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    streets = new safeaudit.Streets(data, new Int32Array(data.places.count).fill(-1));
  }

  // What lies over the map is left free: the legend, and on a phone the sheet.
  function fit(places) {
    const stage = by("stage").getBoundingClientRect();
    const top = by("legend").getBoundingClientRect().top;
    const hidden = top <= stage.top ? 14 : Math.min(stage.bottom - top + 8, stage.height / 2);
    map.fitBounds(safeaudit.boundsOf(data.places, places), { animate: false, paddingTopLeft: [14, WIDE.matches ? 14 : 60],
      paddingBottomRight: [14, hidden] });
  }

  function listen() {
    map.on("click", event => tapped(event.latlng));
    map.on("mousemove", event => pointed(event.latlng));
    map.on("mouseout", () => pointed(null));
    by("map").addEventListener("keydown", event => {
      if (event.key === "Enter" && event.target === by("map")) tapped(map.getCenter());
    });
    document.addEventListener("keydown", event => { if (event.key === "Escape") closeCard(true); });
    by("card-close").addEventListener("click", () => closeCard(true));
    by("fit").addEventListener("click", () => {
      chooseArea(-1);
      fit(data.places.kind.keys());
    });
    by("search").addEventListener("input", search);
    by("choices").addEventListener("submit", event => {
      event.preventDefault();
      const first = by("search-results").querySelector("button");
      if (first) first.click();
    });
    by("copy").addEventListener("click", copyAddress);
    by("picture").addEventListener("click", takePicture);
    by("print").addEventListener("click", () => window.print());
    by("hall").addEventListener("click", () => {
      const large = document.documentElement.classList.toggle("hall");
      by("hall").setAttribute("aria-pressed", String(large));
      map.invalidateSize();
    });
    window.addEventListener("hashchange", openAddressed);
    window.addEventListener("resize", () => {
      map.invalidateSize();
      coverPanel();
    });
    window.addEventListener("beforeprint", print);
  }

  // The picture that is there for where no script runs, until the map is: a large city takes a while to unpack.
  function showPicture() {
    const [, source] = PICTURE.exec(document.querySelector("noscript").textContent) || [];
    if (!source) return;
    const picture = node("img");
    Object.assign(picture, { id: "first", alt: "", src: source });
    document.body.prepend(picture);
  }

  const dropPicture = () => document.querySelectorAll("#first").forEach(picture => picture.remove());

  async function start() {
    showPicture();
    data = await safeaudit.decode(by("data").textContent);
    by("data").remove();
    by("app").hidden = false;
    const lights = safeaudit.lightsOf(data);
    if (lights.length) light = lights[0];
    safeaudit.setTabs();
    setMap();
    setWords();
    setLanguages();
    safeaudit.fillFaults(by("mend"), data, openFaults);
    listen();
    update();
    const audited = new Set(data.seen.place);
    fit(audited.size ? audited : data.places.kind.keys());
    streets.once("load", () => {
      dropPicture();
      document.documentElement.dataset.ready = "1";
    });
    streets.addTo(map);
    openAddressed();
  }

  start().catch(error => {
    dropPicture();
    by("damaged").hidden = false;
    throw error;
  });
})();

"use strict";
// The same drawing on a map that folium made: one control, and a popup for what was seen.
safeaudit.onMap = async map => {
  const { word, node, dataText } = safeaudit;
  const data = await safeaudit.decode(document.getElementById("data").textContent);
  const looked_at = new Set(data.seen.place);
  const opening = safeaudit.boundsOf(data.places, looked_at.size ? looked_at : data.places.kind.keys());
  const shown = () => safeaudit.select(data, Number(choice.value), lights[Number(when.value)]);

  function chooser(name, labels) {
    const box = node("select", "");
    box.setAttribute("aria-label", word(name));
    box.append(...labels.map((label, index) => new Option(label, index)));
    box.addEventListener("change", () => streets.show(shown()));
    return box;
  }

  const lights = safeaudit.lightsOf(data);
  const choice = chooser("page.show", data.header.indicators.map(({ label }) => safeaudit.said(label)));
  const when = chooser("page.when", lights.map(light => word("light." + data.header.lights[light])));
  const streets = new safeaudit.Streets(data, shown());
  map.fitBounds(opening, { animate: false });
  streets.once("load", () => { document.documentElement.dataset.ready = "1"; });
  streets.addTo(map);

  const control = L.control({ position: "topright" });
  control.onAdd = () => {
    const remarks = data.header.remarks.map(remark => dataText("p", "remark", safeaudit.said(remark)));
    const box = node("div", "audit", dataText("b", "", data.header.title), ...remarks, choice, when,
      node("ul", "legend", ...safeaudit.legend(data)), dataText("p", "facts", data.header.attribution));
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  control.addTo(map);

  map.on("click", event => {
    const place = safeaudit.placeAt(data, event.latlng, map.getZoom());
    if (place < 0) return;
    const card = node("div", "audit", node("b", "", safeaudit.labelNode(data, place)),
      node("p", "", ...safeaudit.placeWords(data, place)), ...safeaudit.findings(data, place, lights[Number(when.value)]));
    L.popup({ maxHeight: 320 }).setLatLng(event.latlng).setContent(card).openOn(map);
  });
};

"use strict";
// Drawing on a canvas: the same for tiles, for paper and for notebooks. Hit tests use the same trees.
(() => {
  const TILE = 256;
  const SLICE_MS = 24;
  const REACH_PX = 12;
  const AUDITED = 0, FEW = 1, STALE = 2;
  const POINT = 0, AREA = 2;
  const NO_DASH = [];
  const FAINT = 0.18;
  // Bands worst first: darkest and widest. Steps lie under them as a band. Dashes mean unsure, and nothing else.
  const { palette, middleOf, paintLabels, paintAreaNames } = safeaudit;
  const { bands: BANDS, steps: STEPS, backdrop: BACKDROP, white: WHITE } = palette;
  const DETAIL_ZOOM = 14.5;

  function project(latlng) {
    const sine = Math.sin(latlng.lat * Math.PI / 180);
    return [(latlng.lng + 180) / 360 * TILE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * TILE];
  }

  // The lights that anything was seen in, after dark first: a map shows one of them.
  const lightsOf = data => [...new Set(data.seen.light)].sort((a, b) => a - b);

  // Which row of what was seen a place shows, in one light.
  function select(data, indicator, light) {
    const { seen, places } = data;
    const row = new Int32Array(places.count).fill(-1);
    for (let r = 0; r < seen.count; r++) {
      if (seen.indicator[r] === indicator && seen.light[r] === light) row[seen.place[r]] = r;
    }
    return row;
  }

  // A view maps the plane to pixels: x * scale - left. Its zoom is that of web maps.
  const viewBox = (view, margin) => [(view.left - margin) / view.scale, (view.top - margin) / view.scale,
    (view.left + view.width + margin) / view.scale, (view.top + view.height + margin) / view.scale];

  function trace(ctx, shapes, item, view) {
    const { x, y, ring, vertex } = shapes;
    for (let r = ring[item]; r < ring[item + 1]; r++) {
      let px = x[vertex[r]] * view.scale - view.left;
      let py = y[vertex[r]] * view.scale - view.top;
      ctx.moveTo(px, py);
      for (let v = vertex[r] + 1, last = vertex[r + 1] - 1; v <= last; v++) {
        const nx = x[v] * view.scale - view.left;
        const ny = y[v] * view.scale - view.top;
        if (v < last && Math.abs(nx - px) + Math.abs(ny - py) < 0.7) continue;
        ctx.lineTo(px = nx, py = ny);
      }
    }
  }

  const found = (shapes, kind, view, margin) => {
    const items = [];
    shapes.trees[kind](viewBox(view, margin), item => items.push(item));
    return items;
  };

  function stroke(ctx, shapes, items, view, colour, width, dash) {
    if (!items.length) return;
    ctx.beginPath();
    for (const item of items) trace(ctx, shapes, item, view);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.setLineDash(dash);
    ctx.stroke();
  }

  const strokeAs = (ctx, shapes, items, view, { colour, width, dash }) =>
    stroke(ctx, shapes, items, view, colour, width, dash);

  function paintBackdrop(ctx, data, view) {
    for (const [kind, style] of Object.entries(BACKDROP)) {
      if (style.from_zoom > view.zoom) continue;
      const items = found(data.backdrop, kind, view, 4);
      const areas = items.filter(item => data.backdrop.form[item] === AREA);
      if (style.fill && areas.length) {
        ctx.beginPath();
        for (const item of areas) trace(ctx, data.backdrop, item, view);
        ctx.fillStyle = style.fill;
        ctx.fill("evenodd");
      }
      if (style.line) strokeAs(ctx, data.backdrop, items, view, style.line);
    }
  }

  // Wards and sites: a fine line where they end, over a pale one.
  function paintAreas(ctx, data, view) {
    const items = found(data.areas, "area", view, 4);
    stroke(ctx, data.areas, items, view, WHITE, palette.area_outline.width + 2, NO_DASH);
    strokeAs(ctx, data.areas, items, view, palette.area_outline);
    const { colour, width } = palette.area_outline;
    stroke(ctx, data.areas, items.filter(item => item === data.area), view, colour, 3 * width, NO_DASH);
  }

  function hatchOf(ctx, band, scale) {
    const { colour, hatch: { distance, width } } = BANDS[band];
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = distance * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    for (const shift of [-distance, 0, distance]) {
      pen.moveTo(shift - 2, distance + 2);
      pen.lineTo(shift + distance + 2, -2);
    }
    pen.stroke();
    const pattern = ctx.createPattern(canvas, "repeat");
    if (pattern.setTransform) pattern.setTransform(new DOMMatrix([1 / scale, 0, 0, 1 / scale, 0, 0]));
    return pattern;
  }

  // Items by what they show: [not audited, then band and state].
  function sorted(data, row, items) {
    const blank = [];
    const groups = BANDS.map(() => [[], [], []]);
    for (const item of items) {
      if (row[item] < 0) blank.push(item);
      else groups[data.seen.band[row[item]]][data.seen.state[row[item]]].push(item);
    }
    return { blank, groups };
  }

  // A band's line: whole over a white casing, dashed where few rated, thin and pale inside where it was seen long ago.
  function strokeGroup(ctx, shapes, items, view, band, state, factor, bands) {
    if (bands.size && !bands.has(band)) ctx.globalAlpha = FAINT;
    const { colour, width } = BANDS[band];
    const full = Math.max(2.4, width * factor * (state === STALE ? palette.stale_width : 1));
    const dash = palette.few_dash.map(length => length * Math.max(0.6, factor));
    if (state === AUDITED && view.zoom >= DETAIL_ZOOM) {
      stroke(ctx, shapes, items, view, WHITE, full + palette.casing * factor, NO_DASH);
    }
    stroke(ctx, shapes, items, view, colour, full, state === FEW ? dash : NO_DASH);
    if (state === STALE) stroke(ctx, shapes, items, view, WHITE, full * palette.stale_core, NO_DASH);
    ctx.globalAlpha = 1;
  }

  const factorOf = zoom => Math.max(0.4, Math.min(1.15, 0.4 + (zoom - 12) * 0.14));

  function paintSpaces(ctx, data, row, view) {
    const areas = found(data.places, "space", view, 8).filter(item => data.places.form[item] === AREA);
    const { blank, groups } = sorted(data, row, areas);
    strokeAs(ctx, data.places, blank, view, palette.not_audited_area);
    const opacity = palette.fill_opacity;
    for (let band = BANDS.length - 1; band >= 0; band--) {
      groups[band].forEach((items, state) => {
        if (!items.length || (data.bands.size && !data.bands.has(band))) return;
        ctx.beginPath();
        for (const item of items) trace(ctx, data.places, item, view);
        ctx.fillStyle = BANDS[band].colour;
        ctx.globalAlpha = state === AUDITED ? opacity.audited : opacity.unsure;
        ctx.fill("evenodd");
        ctx.globalAlpha = opacity.hatch;
        if (BANDS[band].hatch && state === AUDITED) {
          ctx.fillStyle = hatchOf(ctx, band, view.ratio);
          ctx.fill("evenodd");
        }
        ctx.globalAlpha = 1;
        strokeGroup(ctx, data.places, items, view, band, state, Math.min(0.6, factorOf(view.zoom)), data.bands);
      });
    }
  }

  function paintSegments(ctx, data, row, view) {
    const { blank, groups } = sorted(data, row, found(data.places, "segment", view, 8));
    const near = view.zoom >= DETAIL_ZOOM;
    if (data.layer >= 0) {
      groups.forEach((states, band) => {
        const width = BANDS[band].width * factorOf(view.zoom) + 2.5;
        stroke(ctx, data.places, states.flat(), view, WHITE, width, NO_DASH);
      });
    }
    strokeAs(ctx, data.places, blank, view, near ? palette.not_audited : palette.not_audited_far);
    for (let band = BANDS.length - 1; band >= 0; band--) {
      groups[band].forEach((items, state) => {
        strokeGroup(ctx, data.places, items, view, band, state, factorOf(view.zoom), data.bands);
      });
    }
  }

  // Circles for stops, diamonds for spaces that are known as a point.
  function paintPoints(ctx, data, row, view, kind) {
    const { x, y, ring, vertex, form } = data.places;
    ctx.setLineDash(NO_DASH);
    for (const item of found(data.places, kind, view, 12)) {
      const blank = row[item] < 0;
      if (form[item] !== POINT || (blank && view.zoom < DETAIL_ZOOM)) continue;
      const v = vertex[ring[item]];
      const px = x[v] * view.scale - view.left;
      const py = y[v] * view.scale - view.top;
      const band = blank ? 3 : data.seen.band[row[item]];
      if (!blank && data.bands.size && !data.bands.has(band)) continue;
      const size = blank ? 3 : (6.5 - band * 0.7) * (view.zoom < 14.5 ? 0.45 : view.zoom < 16 ? 0.65 : 1);
      ctx.beginPath();
      if (kind === "stop") ctx.arc(px, py, size, 0, 7);
      else {
        ctx.moveTo(px, py - size * 1.3);
        ctx.lineTo(px + size * 1.3, py);
        ctx.lineTo(px, py + size * 1.3);
        ctx.lineTo(px - size * 1.3, py);
        ctx.closePath();
      }
      const solid = !blank && data.seen.state[row[item]] === AUDITED;
      ctx.strokeStyle = WHITE;
      ctx.lineWidth = blank ? 0 : solid ? 1.5 : 4;
      if (!blank) ctx.stroke();
      ctx.fillStyle = solid ? BANDS[band].colour : WHITE;
      ctx.fill();
      if (solid) continue;
      ctx.strokeStyle = blank ? palette.not_audited.colour : BANDS[band].colour;
      ctx.lineWidth = blank ? 1 : 2.2;
      ctx.stroke();
    }
  }

  function paintMarks(ctx, data, row, view) {
    const near = view.zoom >= 17.5;
    const radius = near ? 6.5 : view.zoom >= DETAIL_ZOOM ? 1.9 : 0.9;
    ctx.setLineDash(NO_DASH);
    ctx.font = `bold ${radius * 1.5}px sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const kind of ["space", "segment", "stop"]) {
      for (const item of found(data.places, kind, view, 12)) {
        if (row[item] < 0 || !data.seen.level_0[row[item]]) continue;
        if (data.bands.size && !data.bands.has(data.seen.band[row[item]])) continue;
        const [x, y] = middleOf(data.places, item);
        const px = x * view.scale - view.left;
        const py = y * view.scale - view.top - (kind === "stop" ? 1.4 * radius : 0);
        ctx.beginPath();
        ctx.arc(px, py, radius, 0, 7);
        ctx.fillStyle = WHITE;
        ctx.fill();
        ctx.strokeStyle = palette.level_0_ink;
        ctx.lineWidth = near ? 1.3 : 0.9;
        ctx.stroke();
        if (!near) continue;
        ctx.fillStyle = palette.level_0_ink;
        ctx.fillText("0", px, py + 0.5);
      }
    }
  }

  const stepStyle = (count, step) => STEPS[STEPS.length - count + step - 1];

  function paintEvidence(ctx, data, view) {
    if (data.layer < 0) return;
    const steps = data.header.layers[data.layer].steps.map(() => []);
    for (const item of found(data.places, "segment", view, 12)) {
      const step = data.layers[data.layer][item] - 1;
      if (step > 0) steps[step - 1].push(item);
    }
    const factor = Math.max(0.25, Math.min(1, (view.zoom - 12.5) / 4.5));
    steps.forEach((items, step) => {
      const { colour, width } = stepStyle(steps.length, step + 1);
      stroke(ctx, data.places, items, view, colour, width * factor, NO_DASH);
    });
  }

  function paintLamps(ctx, data, view) {
    if (!data.lamps_shown) return;
    const radius = Math.max(0.9, Math.min(4, (view.zoom - 12) * 0.7));
    const box = viewBox(view, 6);
    ctx.setLineDash(NO_DASH);
    ctx.fillStyle = palette.lamp.fill;
    ctx.strokeStyle = palette.lamp.line;
    ctx.lineWidth = radius > 1.5 ? 1 : 0.5;
    ctx.beginPath();
    data.lamps.within(box, lamp => {
      const px = data.lamps.x[lamp] * view.scale - view.left;
      const py = data.lamps.y[lamp] * view.scale - view.top;
      ctx.moveTo(px + radius, py);
      ctx.arc(px, py, radius, 0, 7);
    });
    ctx.fill();
    ctx.stroke();
  }

  // A halo under the places that were chosen.
  function paintChosen(ctx, data, view) {
    const shapes = data.places;
    const lines = data.chosen.filter(item => shapes.form[item] !== POINT);
    stroke(ctx, shapes, lines, view, "#ffae00", data.chosen.length > 1 ? 13 : 18, NO_DASH);
    for (const item of data.chosen) {
      if (shapes.form[item] !== POINT) continue;
      const v = shapes.vertex[shapes.ring[item]];
      ctx.beginPath();
      ctx.arc(shapes.x[v] * view.scale - view.left, shapes.y[v] * view.scale - view.top, 15, 0, 7);
      ctx.fillStyle = "#ffae00";
      ctx.fill();
    }
  }

  function paint(ctx, data, row, view) {
    ctx.lineJoin = "round";
    ctx.lineCap = "butt";
    ctx.fillStyle = palette.ground;
    ctx.fillRect(0, 0, view.width, view.height);
    paintBackdrop(ctx, data, view);
    paintAreas(ctx, data, view);
    paintEvidence(ctx, data, view);
    paintChosen(ctx, data, view);
    paintSpaces(ctx, data, row, view);
    paintSegments(ctx, data, row, view);
    paintPoints(ctx, data, row, view, "space");
    paintPoints(ctx, data, row, view, "stop");
    paintLamps(ctx, data, view);
    paintMarks(ctx, data, row, view);
    paintAreaNames(ctx, data, view);
    paintLabels(ctx, data, view);
  }

  const Streets = L.GridLayer.extend({
    initialize(data, row) {
      L.GridLayer.prototype.initialize.call(this, { updateWhenZooming: false, maxZoom: 19, minZoom: 3 });
      data.labels = new Map();
      data.reaches = safeaudit.reachesOf(data.places, data.header.names.length);
      data.chosen = [];
      data.layer = data.area = -1;
      data.lamps_shown = false;
      this.bands = data.bands = new Set();
      this.data = data;
      this.row = row;
      this.queue = new Map();
    },
    createTile(coords, done) {
      const canvas = document.createElement("canvas");
      this.queue.set(canvas, { coords, done });
      this.schedule();
      return canvas;
    },
    // Tiles are painted in slices, so that no task is long and a hand is never kept waiting.
    schedule() {
      if (this.scheduled) return;
      this.scheduled = true;
      setTimeout(() => {
        this.scheduled = false;
        this.paintSlice();
      });
    },
    paintSlice() {
      const until = performance.now() + SLICE_MS;
      for (const [canvas, { coords, done }] of this.queue) {
        this.queue.delete(canvas);
        const tile = this._tiles[this._tileCoordsToKey(coords)];
        if (tile && tile.el === canvas) this.paintTile(canvas, coords);
        if (done) done(null, canvas);
        if (performance.now() > until) break;
      }
      if (this.queue.size) this.schedule();
    },
    onAdd(map) {
      L.GridLayer.prototype.onAdd.call(this, map);
      map.on("zoomend", this.sharpen, this);
    },
    // Between two whole zooms a tile is as many pixels as it covers on screen: lines and letters keep their size.
    paintTile(canvas, coords) {
      const zoom = this._map.getZoom();
      const size = TILE * 2 ** (zoom - coords.z);
      const ratio = Math.min(window.devicePixelRatio || 1, 3);
      canvas.width = canvas.height = Math.ceil(size * ratio);
      canvas.zoom = zoom;
      const ctx = canvas.getContext("2d");
      ctx.scale(canvas.width / size, canvas.width / size);
      paint(ctx, this.data, this.row, { scale: 2 ** zoom, left: coords.x * size, top: coords.y * size, width: size, height: size, zoom,
        ratio });
    },
    // Tiles that are left from another zoom are painted anew.
    sharpen() {
      for (const { el, coords, current } of Object.values(this._tiles || {})) {
        if (current && el.zoom !== this._map.getZoom() && !this.queue.has(el)) this.queue.set(el, { coords });
      }
      this.paintSlice();
    },
    // Repaint tiles where they are: no flicker when the indicator changes or a place is chosen.
    show(row) {
      this.row = row;
      this.repaint();
    },
    showEvidence(layer, lamps_shown) {
      Object.assign(this.data, { layer, lamps_shown });
      this.repaint();
    },
    // Bands that alone are drawn in full; all where none is chosen.
    filter(band) {
      if (!this.bands.delete(band)) this.bands.add(band);
      this.repaint();
    },
    choose(places) {
      this.data.chosen = places;
      this.repaint();
    },
    chooseArea(area) {
      this.data.area = area;
      this.repaint();
    },
    repaint() {
      for (const { el, coords } of Object.values(this._tiles || {})) {
        if (!this.queue.has(el)) this.queue.set(el, { coords });
      }
      this.paintSlice();
    },
  });

  function distanceTo(shapes, item, x, y) {
    let nearest = Infinity;
    for (let r = shapes.ring[item]; r < shapes.ring[item + 1]; r++) {
      for (let v = shapes.vertex[r], last = shapes.vertex[r + 1] - 1; v <= last; v++) {
        const dx = v < last ? shapes.x[v + 1] - shapes.x[v] : 0;
        const dy = v < last ? shapes.y[v + 1] - shapes.y[v] : 0;
        const along = dx || dy ? ((x - shapes.x[v]) * dx + (y - shapes.y[v]) * dy) / (dx * dx + dy * dy) : 0;
        const t = Math.max(0, Math.min(1, along));
        nearest = Math.min(nearest, Math.hypot(shapes.x[v] + t * dx - x, shapes.y[v] + t * dy - y));
      }
    }
    return nearest;
  }

  function holds({ x, y, ring, vertex }, item, px, py) {
    let inside = false;
    for (let r = ring[item]; r < ring[item + 1]; r++) {
      for (let v = vertex[r], w = vertex[r + 1] - 1; v < vertex[r + 1]; w = v++) {
        if ((y[v] > py) !== (y[w] > py) && px < (x[w] - x[v]) * (py - y[v]) / (y[w] - y[v]) + x[v]) inside = !inside;
      }
    }
    return inside;
  }

  // The place at a spot: a point, else a street, within reach of a finger; else the space around it; -1 for none.
  // A place that was audited comes before one that was not: it has something to say.
  function placeAt(data, latlng, zoom) {
    const audited = placeAmong(data, latlng, zoom, item => data.audited[item]);
    return audited >= 0 ? audited : placeAmong(data, latlng, zoom, () => true);
  }

  function placeAmong(data, latlng, zoom, chosen) {
    const [x, y] = project(latlng);
    const reach = REACH_PX / 2 ** zoom;
    const box = [x - reach, y - reach, x + reach, y + reach];
    const nearest = (kind, wanted) => {
      let best = -1;
      let least = reach;
      data.places.trees[kind](box, item => {
        const away = chosen(item) && wanted(item) ? distanceTo(data.places, item, x, y) : Infinity;
        if (away <= least) [best, least] = [item, away];
      });
      return best;
    };
    const isPoint = item => data.places.form[item] === POINT;
    for (const [kind, wanted] of [["stop", isPoint], ["space", isPoint], ["segment", () => true]]) {
      const item = nearest(kind, wanted);
      if (item >= 0) return item;
    }
    let around = -1;
    data.places.trees.space(box, item => {
      if (chosen(item) && data.places.form[item] === AREA && holds(data.places, item, x, y)) around = item;
    });
    return around >= 0 ? around : nearest("stop", () => true);
  }

  // South-west and north-east corner of some places, for Leaflet; of the world where there are none.
  function boundsOf({ east, north, ring, vertex }, items) {
    let [west, south, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const item of items) {
      for (let v = vertex[ring[item]]; v < vertex[ring[item + 1]]; v++) {
        west = Math.min(west, east[v]);
        right = Math.max(right, east[v]);
        south = Math.min(south, north[v]);
        top = Math.max(top, north[v]);
      }
    }
    return west > right ? [[-60, -170], [70, 170]] : [[south / 1e5, west / 1e5], [top / 1e5, right / 1e5]];
  }

  Object.assign(safeaudit, { AUDITED, project, lightsOf, select, paint, Streets, placeAt, holds, boundsOf });
})();

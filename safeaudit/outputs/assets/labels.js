"use strict";
// Names on the map: parts of the city, wards and sites, streets and spaces. Chosen once for each block of tiles, within
// which they lie whole, so that tiles agree and no choice is long.
(() => {
  const BLOCK_PX = 1024;
  const CELL_PX = 24;
  const APART_PX = 420;
  const WHOLE_PX = 90, PART_PX = 40;  // the least length of what is named
  const EDGE_PX = 20;
  const AREA = 2;
  const NAMES_ZOOM = 12, NAMES_NEAR_ZOOM = 15;
  const ZOOM_STEP = 0.25;
  const LONGEST = 40;
  const TRIES = 8;  // stretches of a street that are tried, the nearest to its middle first
  const INK = "#33313b";
  const FACE = "system-ui, \"Noto Sans\", sans-serif";
  const { palette } = safeaudit;

  const pen = document.createElement("canvas").getContext("2d");
  const streetFont = zoom => `${zoom >= 17 ? 14 : 13}px ${FACE}`;

  const widths = new Map();
  function widthOf(text, font) {
    const key = font + text;
    if (!widths.has(key)) {
      pen.font = font;
      widths.set(key, pen.measureText(text).width);
    }
    return widths.get(key);
  }

  // The middle of a line by its length, or of an area's box.
  function middleOf(shapes, item) {
    const { x, y, ring, vertex, form, boxes } = shapes;
    if (form[item] === AREA) {
      return [(boxes[4 * item] + boxes[4 * item + 2]) / 2, (boxes[4 * item + 1] + boxes[4 * item + 3]) / 2];
    }
    const from = vertex[ring[item]];
    const to = vertex[ring[item] + 1] - 1;
    let total = 0;
    for (let v = from; v < to; v++) total += Math.hypot(x[v + 1] - x[v], y[v + 1] - y[v]);
    let left = total / 2;
    for (let v = from; v < to; v++) {
      const length = Math.hypot(x[v + 1] - x[v], y[v + 1] - y[v]);
      if (length >= left && length > 0) {
        return [x[v] + (x[v + 1] - x[v]) * left / length, y[v] + (y[v + 1] - y[v]) * left / length];
      }
      left -= length;
    }
    return [x[from], y[from]];
  }

  function angleAt({ x, y, ring, vertex, form }, item) {
    if (form[item] === AREA) return 0;
    const from = vertex[ring[item]];
    const to = vertex[ring[item] + 1] - 1;
    const angle = Math.atan2(y[to] - y[from], x[to] - x[from]);
    return angle > Math.PI / 2 ? angle - Math.PI : angle <= -Math.PI / 2 ? angle + Math.PI : angle;
  }

  // The box that all places of each name lie in, and its longer side: a far view names whole streets.
  function reachesOf({ name, boxes, form, count }, names) {
    const box = new Float64Array(4 * names + 4);
    for (let at = 0; at < box.length; at++) box[at] = at % 4 < 2 ? Infinity : -Infinity;
    for (let item = 0; item < count; item++) {
      if (!name[item] || !form[item]) continue;
      const from = 4 * name[item];
      for (let side = 0; side < 4; side++) {
        box[from + side] = (side < 2 ? Math.min : Math.max)(box[from + side], boxes[4 * item + side]);
      }
    }
    const size = Float64Array.from({ length: names + 1 }, (_, of) =>
      Math.max(box[4 * of + 2] - box[4 * of], box[4 * of + 3] - box[4 * of + 1]));
    return { box, size };
  }

  const boxOf = block => [block.left, block.top, block.left + BLOCK_PX, block.top + BLOCK_PX].map(side => side / block.scale);

  const insideBlock = (block, { x, y }, wide, high) => x * block.scale - wide >= block.left && y * block.scale - high >= block.top &&
    x * block.scale + wide <= block.left + BLOCK_PX && y * block.scale + high <= block.top + BLOCK_PX;

  // Parts of the city, the largest first.
  function localitiesIn(data, block) {
    const { localities } = data;
    const ranks = Object.keys(palette.localities);
    const labels = [];
    data.header.localities.forEach(([text, kind], item) => {
      const name = palette.localities[kind];
      if (!name || block.zoom < name.from_zoom || block.zoom > name.to_zoom || text.length > LONGEST) return;
      const font = `600 ${name.size}px ${FACE}`;
      const label = { text, font, x: localities.x[item], y: localities.y[item], angle: 0, down: 0, half: 0, size: name.size,
        rank: ranks.indexOf(kind), ink: palette.locality_ink };
      if (!insideBlock(block, label, EDGE_PX, EDGE_PX)) return;
      label.half = widthOf(text, font) / 2 + 6;
      if (insideBlock(block, label, label.half, EDGE_PX)) labels.push(label);
    });
    return labels.sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : 1));
  }

  // The label of a place where it fits along its street and into the block.
  function labelOf(data, block, item, size) {
    const { places, header } = data;
    const text = header.names[places.name[item] - 1];
    const [x, y] = middleOf(places, item);
    if (text.length > LONGEST || !insideBlock(block, { x, y }, EDGE_PX, EDGE_PX)) return null;
    const font = streetFont(block.zoom);
    const half = widthOf(text, font) / 2 + 4;
    const angle = angleAt(places, item);
    const [wide, high] = [Math.abs(half * Math.cos(angle)), Math.abs(half * Math.sin(angle))];
    if (size * 1.4 < 2 * half || !insideBlock(block, { x, y }, wide + EDGE_PX, high + EDGE_PX)) return null;
    return { item, text, font, x, y, size, half, angle, down: places.form[item] === AREA ? 15 : -11, ink: INK };
  }

  const largestFirst = labels => labels.sort((a, b) => b.size - a.size || a.item - b.item);

  // Far away: whole streets and spaces, each once a block, on one of the few stretches nearest to the middle of all of it.
  function streetsIn(data, block) {
    const { places, reaches: { box, size } } = data;
    const { boxes } = places;
    const nearest = new Map();
    const take = item => {
      const name = places.name[item];
      if (!name || !places.form[item] || size[name] * block.scale < WHOLE_PX) return;
      const off = Math.abs(boxes[4 * item] + boxes[4 * item + 2] - box[4 * name] - box[4 * name + 2]) +
        Math.abs(boxes[4 * item + 1] + boxes[4 * item + 3] - box[4 * name + 1] - box[4 * name + 3]);
      if (!nearest.has(name)) nearest.set(name, []);
      const best = nearest.get(name);
      if (best.length === TRIES && off >= best[TRIES - 1].off) return;
      let at = best.length;
      while (at && best[at - 1].off > off) at--;
      best.splice(at, 0, { item, off });
      best.length = Math.min(best.length, TRIES);
    };
    places.trees.space(boxOf(block), take);
    places.trees.segment(boxOf(block), take);
    const labels = [];
    for (const [name, best] of nearest) {
      for (const { item } of best) {
        const label = labelOf(data, block, item, size[name] * block.scale);
        if (!label) continue;
        labels.push(label);
        break;
      }
    }
    return largestFirst(labels);
  }

  // Near: stretches and spaces, of one name the longest in each neighbourhood.
  function stretchesIn(data, block) {
    const { places } = data;
    const best = new Map();
    const take = item => {
      if (!places.name[item] || !places.form[item]) return;
      const [west, top, east, bottom] = places.boxes.subarray(4 * item, 4 * item + 4);
      const size = Math.max(east - west, bottom - top) * block.scale;
      const label = size < PART_PX ? null : labelOf(data, block, item, size);
      if (!label) return;
      const key = [places.name[item], ...[label.x, label.y].map(side => Math.floor(side * block.scale / APART_PX))].join("/");
      if (!best.has(key) || best.get(key).size < size) best.set(key, label);
    };
    places.trees.space(boxOf(block), take);
    places.trees.segment(boxOf(block), take);
    return largestFirst([...best.values()]);
  }

  // Labels in the order given, each where no earlier one lies.
  function apart(labels, scale) {
    const taken = new Set();
    return labels.filter(({ x, y, half, angle }) => {
      const cells = new Set();
      for (let along = -half; along <= half; along += CELL_PX / 2) {
        cells.add(`${Math.floor((x * scale + along * Math.cos(angle)) / CELL_PX)}/` +
          `${Math.floor((y * scale + along * Math.sin(angle)) / CELL_PX)}`);
      }
      if ([...cells].some(cell => taken.has(cell))) return false;
      cells.forEach(cell => taken.add(cell));
      return true;
    });
  }

  function labelsOf(data, zoom, column, row) {
    const key = `${zoom}/${column}/${row}`;
    if (data.labels.has(key)) return data.labels.get(key);
    const block = { zoom, scale: 2 ** zoom, left: column * BLOCK_PX, top: row * BLOCK_PX };
    const streets = zoom < NAMES_ZOOM ? [] : zoom < NAMES_NEAR_ZOOM ? streetsIn(data, block) : stretchesIn(data, block);
    const labels = apart([...localitiesIn(data, block), ...streets], block.scale);
    data.labels.set(key, labels);
    return labels;
  }

  function write(ctx, { text, font, ink, angle, down }, x, y) {
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(angle);
    ctx.font = font;
    ctx.strokeStyle = "rgba(255,255,255,.9)";
    ctx.lineWidth = 3.5;
    ctx.strokeText(text, 0, down);
    ctx.fillStyle = ink;
    ctx.fillText(text, 0, down);
    ctx.restore();
  }

  const centred = ctx => Object.assign(ctx, { textAlign: "center", textBaseline: "middle", lineJoin: "round" });

  function paintLabels(ctx, data, view) {
    centred(ctx);
    const zoom = Math.round(view.zoom / ZOOM_STEP) * ZOOM_STEP;
    const blocks = side => Math.floor(side / view.scale * 2 ** zoom / BLOCK_PX);
    for (let column = blocks(view.left); column <= blocks(view.left + view.width - 1); column++) {
      for (let row = blocks(view.top); row <= blocks(view.top + view.height - 1); row++) {
        for (const label of labelsOf(data, zoom, column, row)) {
          const x = label.x * view.scale - view.left;
          const y = label.y * view.scale - view.top;
          const reach = label.half + EDGE_PX;
          if (x > -reach && y > -reach && x < view.width + reach && y < view.height + reach) write(ctx, label, x, y);
        }
      }
    }
  }

  // The names of wards and sites in the middle of their boxes, where these are wide enough.
  function paintAreaNames(ctx, data, view) {
    centred(ctx);
    const font = `600 13px ${FACE}`;
    const box = [view.left - 300, view.top - 300, view.left + view.width + 300, view.top + view.height + 300];
    data.areas.trees.area(box.map(side => side / view.scale), item => {
      const [text] = data.header.areas[item];
      const [west, , east] = data.areas.boxes.subarray(4 * item, 4 * item + 4);
      const room = (east - west) * view.scale;
      if (text.length > LONGEST || widthOf(text, font) > room || room > 2000) return;
      const [x, y] = middleOf(data.areas, item);
      const label = { text, font, ink: palette.area_outline.colour, angle: 0, down: 0 };
      write(ctx, label, x * view.scale - view.left, y * view.scale - view.top);
    });
  }

  Object.assign(safeaudit, { ZOOM_STEP, middleOf, reachesOf, paintLabels, paintAreaNames });
})();

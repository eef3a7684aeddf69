"use strict";
// The data block: base64 -> inflate -> a header in JSON and columns of varints -> typed arrays.
const safeaudit = {};

(() => {
  const STEPS_PER_DEGREE = 100000;
  const NODE_SIZE = 16;

  function bytesOf(base64) {
    const text = atob(base64.trim());
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  async function unpacked(bytes) {
    if (typeof DecompressionStream === "undefined") return inflate(bytes);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // Inflate (RFC 1950, 1951) for browsers that cannot do it themselves: canonical Huffman codes, bit by bit.
  function inflate(bytes) {
    let out = new Uint8Array(bytes.length * 4);
    let length = 0;
    let at = 2;
    let hold = 0;
    let held = 0;
    const room = need => {
      if (length + need <= out.length) return;
      const larger = new Uint8Array(Math.max(out.length * 2, length + need));
      larger.set(out);
      out = larger;
    };
    const bits = count => {
      while (held < count) {
        hold |= bytes[at++] << held;
        held += 8;
      }
      const value = hold & ((1 << count) - 1);
      hold >>>= count;
      held -= count;
      return value;
    };
    const codeTable = lengths => {
      const counts = new Uint16Array(16);
      for (const size of lengths) counts[size]++;
      counts[0] = 0;
      const next = new Uint16Array(16);
      for (let i = 1; i < 16; i++) next[i] = next[i - 1] + counts[i - 1];
      const symbols = new Uint16Array(lengths.length);
      lengths.forEach((size, symbol) => { if (size) symbols[next[size]++] = symbol; });
      return { counts, symbols };
    };
    const symbol = table => {
      let code = 0;
      let first = 0;
      let index = 0;
      for (let size = 1; size < 16; size++) {
        code |= bits(1);
        const count = table.counts[size];
        if (code - first < count) return table.symbols[index + code - first];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
      }
      throw new Error("The data of this map is damaged.");
    };
    const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
      195, 227, 258];
    const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    const BACK_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
      3073, 4097, 6145, 8193, 12289, 16385, 24577];
    const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    const described = () => {
      const literals = bits(5) + 257;
      const total = literals + bits(5) + 1;
      const codes = bits(4) + 4;
      const meta = new Array(19).fill(0);
      for (let i = 0; i < codes; i++) meta[ORDER[i]] = bits(3);
      const table = codeTable(meta);
      const lengths = [];
      while (lengths.length < total) {
        const what = symbol(table);
        if (what < 16) {
          lengths.push(what);
          continue;
        }
        const value = what === 16 ? lengths[lengths.length - 1] : 0;
        const repeat = what === 16 ? 3 + bits(2) : what === 17 ? 3 + bits(3) : 11 + bits(7);
        for (let i = 0; i < repeat; i++) lengths.push(value);
      }
      return [codeTable(lengths.slice(0, literals)), codeTable(lengths.slice(literals))];
    };
    const fixed = () => {
      const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
      return [codeTable(lengths), codeTable(new Array(30).fill(5))];
    };
    const stored = () => {
      hold = held = 0;
      const size = bytes[at] | (bytes[at + 1] << 8);
      room(size);
      out.set(bytes.subarray(at + 4, at + 4 + size), length);
      at += 4 + size;
      length += size;
    };
    const coded = ([literal, back]) => {
      for (;;) {
        const what = symbol(literal);
        if (what === 256) return;
        room(258);
        if (what < 256) {
          out[length++] = what;
          continue;
        }
        const size = LENGTH_BASE[what - 257] + bits(LENGTH_BITS[what - 257]);
        const far = symbol(back);
        const distance = BACK_BASE[far] + bits(far < 4 ? 0 : (far >> 1) - 1);
        for (let i = 0; i < size; i++, length++) out[length] = out[length - distance];
      }
    };
    for (let last = 0; !last;) {
      last = bits(1);
      const type = bits(2);
      if (type === 0) stored();
      else coded(type === 1 ? fixed() : described());
    }
    return out.subarray(0, length);
  }

  function columnsOf(bytes) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
    let at = 4 + size;
    const columns = {};
    for (const [name, count] of header.columns) {
      const values = columns[name] = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        let value = 0;
        let shift = 0;
        for (let byte = 128; byte & 128; shift += 7) {
          byte = bytes[at++];
          value |= (byte & 127) << shift;
        }
        values[i] = value;
      }
    }
    return { header, columns };
  }

  // Undo, in place: first differences, and the sign in the lowest bit.
  function summed(values) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      sum += (values[i] >>> 1) ^ -(values[i] & 1);
      values[i] = sum;
    }
    return values;
  }

  function starts(counts) {
    const sums = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) sums[i + 1] = sums[i] + counts[i];
    return sums;
  }

  // Positions on the map's plane at zoom 0.
  function planeOf(east, north) {
    const x = new Float64Array(east.length);
    const y = new Float64Array(east.length);
    for (let i = 0; i < east.length; i++) {
      const sine = Math.sin((north[i] / STEPS_PER_DEGREE) * Math.PI / 180);
      x[i] = (east[i] / STEPS_PER_DEGREE + 180) / 360 * 256;
      y[i] = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
    }
    return { x, y };
  }

  function lampsOf(columns) {
    const { x, y } = planeOf(summed(columns["lamp.x"]), summed(columns["lamp.y"]));
    const boxes = new Float64Array(4 * x.length);
    for (let i = 0; i < x.length; i++) boxes.set([x[i], y[i], x[i], y[i]], 4 * i);
    return { x, y, count: x.length, within: treeOf(boxes, 0, x.length) };
  }

  // Geometries as flat arrays: geometry -> rings -> vertices, in steps of a degree and on the map's plane at zoom 0.
  function shapesOf(columns, prefix) {
    const east = summed(columns[prefix + ".x"]);
    const north = summed(columns[prefix + ".y"]);
    const { x, y } = planeOf(east, north);
    const form = columns[prefix + ".form"];
    const shapes = { east, north, x, y, form, count: form.length };
    shapes.ring = starts(columns[prefix + ".rings"]);
    shapes.vertex = starts(columns[prefix + ".vertices"]);
    shapes.boxes = boxesOf(shapes);
    return shapes;
  }

  function boxesOf({ x, y, ring, vertex, count }) {
    const boxes = new Float64Array(4 * count);
    for (let i = 0; i < count; i++) {
      let west = Infinity, top = Infinity, east = -Infinity, bottom = -Infinity;
      for (let v = vertex[ring[i]]; v < vertex[ring[i + 1]]; v++) {
        if (x[v] < west) west = x[v];
        if (x[v] > east) east = x[v];
        if (y[v] < top) top = y[v];
        if (y[v] > bottom) bottom = y[v];
      }
      boxes.set([west, top, east, bottom], 4 * i);
    }
    return boxes;
  }

  // A packed R-tree over items first to last. They come along a space-filling curve, so neighbours share a node.
  function treeOf(boxes, first, last) {
    const levels = [boxes.subarray(4 * first, 4 * last)];
    while (levels[0].length > 4 * NODE_SIZE) {
      const below = levels[0];
      const nodes = new Float64Array(4 * Math.ceil(below.length / 4 / NODE_SIZE));
      for (let n = 0; n < nodes.length / 4; n++) {
        nodes.set([Infinity, Infinity, -Infinity, -Infinity], 4 * n);
        for (let b = 4 * n * NODE_SIZE; b < Math.min(4 * (n + 1) * NODE_SIZE, below.length); b += 4) {
          nodes[4 * n] = Math.min(nodes[4 * n], below[b]);
          nodes[4 * n + 1] = Math.min(nodes[4 * n + 1], below[b + 1]);
          nodes[4 * n + 2] = Math.max(nodes[4 * n + 2], below[b + 2]);
          nodes[4 * n + 3] = Math.max(nodes[4 * n + 3], below[b + 3]);
        }
      }
      levels.unshift(nodes);
    }
    const found = (depth, from, to, box, visit) => {
      const boxes = levels[depth];
      for (let n = from; n < to; n++) {
        const outside = boxes[4 * n] > box[2] || boxes[4 * n + 1] > box[3] ||
          boxes[4 * n + 2] < box[0] || boxes[4 * n + 3] < box[1];
        if (outside) continue;
        if (depth === levels.length - 1) visit(first + n);
        else found(depth + 1, n * NODE_SIZE, Math.min((n + 1) * NODE_SIZE, levels[depth + 1].length / 4), box, visit);
      }
    };
    return (box, visit) => found(0, 0, levels[0].length / 4, box, visit);
  }

  function treesOf(shapes, counts) {
    let from = 0;
    const trees = {};
    for (const [kind, count] of counts) {
      trees[kind] = treeOf(shapes.boxes, from, from + count);
      from += count;
    }
    return trees;
  }

  safeaudit.inflate = inflate;
  safeaudit.decode = async base64 => {
    const { header, columns } = columnsOf(await unpacked(bytesOf(base64)));
    safeaudit.languages = header.languages;
    safeaudit.language = header.languages[0];
    const places = shapesOf(columns, "place");
    places.trees = treesOf(places, header.place_kinds);
    places.kind = new Uint8Array(places.count);
    let from = 0;
    header.place_kinds.forEach(([, count], kind) => {
      places.kind.fill(kind, from, from + count);
      from += count;
    });
    places.category = columns["place.category"];
    for (const name of ["name", "word", "start", "end", "label", "mark"]) places[name] = columns["place." + name];
    const backdrop = shapesOf(columns, "backdrop");
    backdrop.trees = treesOf(backdrop, header.backdrop_kinds);
    const areas = shapesOf(columns, "area");
    areas.trees = treesOf(areas, [["area", areas.count]]);
    const seen = { place: summed(columns["seen.place"]), count: columns["seen.place"].length };
    for (const name of ["indicator", "light", "band", "state", "n", "people", "level", "level_0", "list", "quarter"]) {
      seen[name] = columns["seen." + name];
    }
    const faults = { place: summed(columns["faults.place"]), count: columns["faults.place"].length };
    for (const name of ["kind", "agency", "n", "quarter", "status"]) faults[name] = columns["faults." + name];
    const audited = new Uint8Array(places.count);
    for (const item of seen.place) audited[item] = 1;
    const layers = header.layers.map(({ name }) => columns["layer." + name]);
    return { header, places, areas, backdrop, seen, audited, faults, layers, lamps: lampsOf(columns),
      localities: planeOf(summed(columns["locality.x"]), summed(columns["locality.y"])) };
  };
})();

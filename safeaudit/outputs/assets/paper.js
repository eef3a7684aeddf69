"use strict";
// The map on paper, and as one picture to send by phone: drawn anew, with what must stand beside it.
(() => {
  const EARTH_METRES = 40075016.7;
  const PAPER = { long: 1500, short: 860, ratio: 2 };
  const PICTURE = { width: 1080, height: 1440, edge: 36 };
  const MOST_LINES = 9;
  const FACE = "system-ui, \"Noto Sans\", sans-serif";
  const { palette, word, said } = safeaudit;

  // The part of the plane between two corners, in the middle of so many pixels.
  function viewOf([west, top, east, bottom], width, height, ratio) {
    const scale = Math.min(width / (east - west), height / (bottom - top));
    return { scale, zoom: Math.min(19, Math.log2(scale)), width, height, ratio,
      left: (west + east) / 2 * scale - width / 2, top: (top + bottom) / 2 * scale - height / 2 };
  }

  const cornersOf = bounds => [...safeaudit.project(bounds.getNorthWest()), ...safeaudit.project(bounds.getSouthEast())];

  // The latitude of a row of pixels at zoom 0, and from it how many pixels a metre has.
  function pixelsPerMetre(view) {
    const mercator = Math.PI * (1 - 2 * (view.top + view.height / 2) / view.scale / 256);
    return view.scale * 256 / EARTH_METRES * Math.cosh(mercator);
  }

  // The view on screen, upright where that is how it lies.
  function drawPaper(data, row, bounds, canvas) {
    const corners = cornersOf(bounds);
    const upright = corners[3] - corners[1] > corners[2] - corners[0];
    const [width, height] = upright ? [PAPER.short + 60, PAPER.long - 380] : [PAPER.long, PAPER.short - 80];
    const { ratio } = PAPER;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const ctx = canvas.getContext("2d");
    ctx.scale(ratio, ratio);
    const view = viewOf(corners, width, height, ratio);
    safeaudit.paint(ctx, data, row, view);
    drawScale(ctx, view);
    return upright;
  }

  // How far a stretch of the map reaches on the ground, and where north is.
  function drawScale(ctx, view) {
    const perMetre = pixelsPerMetre(view);
    const longest = 220 / perMetre;
    const power = 10 ** Math.floor(Math.log10(longest));
    const metres = [5, 2, 1].map(step => step * power).find(step => step <= longest);
    const length = metres * perMetre;
    const { height } = view;
    ctx.direction = "ltr";
    ctx.fillStyle = "rgba(255,255,255,.85)";
    ctx.fillRect(12, height - 44, length + 50, 34);
    ctx.fillStyle = "#111";
    ctx.fillRect(20, height - 20, length, 4);
    Object.assign(ctx, { font: `14px ${FACE}`, textAlign: "left", textBaseline: "alphabetic" });
    ctx.fillText(safeaudit.lengthText(metres), 20, height - 26);
    ctx.beginPath();
    [[0, -40], [7, -16], [0, -21], [-7, -16]].forEach(([x, y]) => ctx.lineTo(length + 42 + x, height + y));
    ctx.fill();
  }

  // What lies in an area, or in the view where none is given: its rows, and the faults there.
  function within(data, row, corners, area) {
    const inside = item => {
      const [x, y] = safeaudit.middleOf(data.places, item);
      return area >= 0 ? safeaudit.holds(data.areas, area, x, y)
        : x >= corners[0] && y >= corners[1] && x <= corners[2] && y <= corners[3];
    };
    const places = new Uint8Array(row.length).map((_, item) => inside(item) ? 1 : 0);
    return { places, row: row.map((seen, item) => places[item] ? seen : -1) };
  }

  // Text in lines that fit; what would need too many ends with three dots.
  function linesOf(ctx, text, width) {
    const lines = [""];
    for (const part of text.split(" ")) {
      const longer = lines[lines.length - 1] ? lines[lines.length - 1] + " " + part : part;
      if (ctx.measureText(longer).width <= width || !lines[lines.length - 1]) lines[lines.length - 1] = longer;
      else lines.push(part);
    }
    return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), lines[MOST_LINES - 1] + " …"] : lines;
  }

  // A name in its own direction, whatever stands about it.
  const isolated = name => `\u2068${name}\u2069`;

  // Blocks of text from the top on; `[text, font, colour, ground]` each. Returns where the next one begins.
  function writeBlocks(ctx, blocks, top) {
    const { width, edge } = PICTURE;
    const start = safeaudit.language.direction === "rtl" ? width - edge : edge;
    let y = top;
    Object.assign(ctx, { direction: safeaudit.language.direction, textAlign: "start", textBaseline: "top" });
    for (const [text, size, weight, colour, ground] of blocks) {
      if (!text) continue;
      ctx.font = `${weight} ${size}px ${FACE}`;
      const lines = linesOf(ctx, text, width - 2 * edge - (ground ? 20 : 0));
      const high = lines.length * size * 1.32;
      if (ground) {
        ctx.fillStyle = ground;
        ctx.fillRect(edge, y, width - 2 * edge, high + 12);
      }
      ctx.fillStyle = colour;
      const inset = ground ? (safeaudit.language.direction === "rtl" ? -12 : 12) : 0;
      lines.forEach((line, at) => ctx.fillText(line, start + inset, y + at * size * 1.32 + (ground ? 8 : 0)));
      y += high + (ground ? 22 : 8);
    }
    return y;
  }

  // The legend in two columns: bands, then what is known of few, and of nobody.
  function writeLegend(ctx, data, top) {
    const { width, edge } = PICTURE;
    const rtl = safeaudit.language.direction === "rtl";
    const lines = [...data.header.bands.map((text, band) => [palette.bands[band], `${band + 1} · ${said(text)}`]),
      [{ ...palette.bands[0], dash: palette.few_dash }, word("page.legend.few")],
      [palette.not_audited, word("page.legend.not_audited")]];
    Object.assign(ctx, { font: `24px ${FACE}`, textBaseline: "middle", textAlign: "start", direction: safeaudit.language.direction });
    lines.forEach(([{ colour, width: thick, dash }, text], at) => {
      const from = edge + (at % 2) * (width - 2 * edge) / 2;
      const x = rtl ? width - from : from;
      const y = top + 18 + Math.floor(at / 2) * 38;
      Object.assign(ctx, { strokeStyle: colour, lineWidth: Math.max(2, thick * 1.2) });
      ctx.setLineDash(dash || []);
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(x + (rtl ? -60 : 60), y);
      ctx.stroke();
      ctx.fillStyle = "#1d1b26";
      ctx.fillText(text, x + (rtl ? -72 : 72), y);
    });
    ctx.setLineDash([]);
    return top + Math.ceil(lines.length / 2) * 38 + 10;
  }

  // One picture of an area, or of the view: its name, what was seen there, the map, what its lines mean, what must be known.
  function drawPicture(data, row, { bounds, area, light, showing }) {
    const { header } = data;
    const corners = cornersOf(bounds);
    const here = within(data, row, corners, area);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: PICTURE.width, height: PICTURE.height });
    const ctx = canvas.getContext("2d");
    ctx.fillStyle = palette.white;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    const remarks = [...header.remarks.map(said), ...safeaudit.language.draft ? [word("page.draft")] : []];
    const top = writeBlocks(ctx, [
      [[...area >= 0 ? [header.areas[area][0]] : [], header.title].map(isolated).join(" · "), 44, 700, "#1d1b26"],
      [showing, 30, 600, "#1d1b26"],
      [safeaudit.tell(data, here.row, light, here.places), 27, 400, "#1d1b26"],
      ...remarks.map(remark => [remark, 24, 600, "#4d3000", "#fff3d9"]),
    ], PICTURE.edge);
    const below = 3 * 38 + 74;
    const view = viewOf(corners, PICTURE.width, Math.max(240, PICTURE.height - top - below), 1);
    ctx.save();
    ctx.translate(0, top);
    ctx.beginPath();
    ctx.rect(0, 0, view.width, view.height);
    ctx.clip();
    safeaudit.paint(ctx, data, row, view);
    drawScale(ctx, view);
    ctx.restore();
    const end = writeLegend(ctx, data, top + view.height + 12);
    const dated = header.as_of ? word("page.as_of", { quarter: header.as_of }) : "";
    writeBlocks(ctx, [[[dated, header.attribution].filter(Boolean).map(isolated).join(" · "), 20, 400, "#55525f"]], end);
    return canvas;
  }

  // Hand a picture over as a file, as a phone keeps them.
  function savePicture(canvas, name) {
    canvas.toBlob(blob => {
      const link = safeaudit.node("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
  }

  Object.assign(safeaudit, { drawPaper, drawPicture, savePicture });
})();

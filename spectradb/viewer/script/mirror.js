// Mirror plots: a query upwards, its library spectrum downwards; peaks with a match in the other are coloured.

const COLOURS = { query: "#0b6e4f", library: "#b3401e", shifted: "#7c4dbe", none: "#b6bdc7" };
const LABELS = 6;

// Drawn as wide as it is shown, about: letters keep their size on a narrow screen.
const plotSize = () => ({ width: innerWidth > 640 ? 640 : 370, height: 330, left: 36, right: 22, top: 14, bottom: 38 });

function mirror(peaks) {
  if (!peaks.length) return said("the spectra have no peaks");
  const size = plotSize();
  const masses = peaks.map(peak => peak.mz);
  const [low, high] = [Math.min(...masses), Math.max(...masses)];
  const margin = Math.max(5, 0.06 * (high - low));
  const x = mz => size.left + ((mz - low + margin) / (high - low + 2 * margin)) * (size.width - size.left - size.right);
  const middle = (size.height - size.bottom + size.top) / 2;
  const reach = middle - size.top - 18;
  const y = (side, intensity) => middle - (side === "query" ? 1 : -1) * intensity * reach;
  return drawn("svg", { viewBox: `0 0 ${size.width} ${size.height}`, class: "plot mirror", role: "img",
    "aria-label": "mirror plot: query above, library spectrum below" },
  axis(low - margin, high + margin, x, size.height - size.bottom, size.width / 80),
  ["query", "library"].map((side, place) => drawn("text", { x: size.width - 6, y: middle + (place ? 1 : -1) * reach * 0.5,
    transform: `rotate(-90 ${size.width - 6} ${middle + (place ? 1 : -1) * reach * 0.5})`, "text-anchor": "middle", fill: COLOURS[side], text: side })),
  [["query", 1], ["query", 0.5], ["query", 0], ["library", 0.5], ["library", 1]].map(([side, share]) =>
    drawn("text", { x: size.left - 6, y: y(side, share) + 4, "text-anchor": "end", class: "tick", text: `${100 * share}` })),
  peaks.map(peak => drawn("line", { x1: x(peak.mz), x2: x(peak.mz), y1: middle, y2: y(peak.side, peak.intensity),
    stroke: colour(peak), "stroke-width": 1.8, class: "peak" }, drawn("title", { text: told(peak) }))),
  drawn("line", { x1: size.left, x2: size.width - size.right, y1: middle, y2: middle, stroke: "#374151" }),
  ["query", "library"].flatMap(side => labelled(peaks.filter(peak => peak.side === side), x).map(peak =>
    drawn("text", { x: x(peak.mz), y: y(side, peak.intensity) + (side === "query" ? -4 : 13), "text-anchor": "middle", class: "tick",
      text: peak.mz.toFixed(4) }))));
}

function colour(peak) {
  return peak.matched ? COLOURS[peak.side] : peak.shifted ? COLOURS.shifted : COLOURS.none;
}

function told(peak) {
  const shared = peak.matched ? `, ${peak.side === "query" ? "library" : "query"} ${peak.other_mz.toFixed(4)}` : peak.shifted ? ", shifted" : "";
  return `${peak.side} ${peak.mz.toFixed(4)}, ${(100 * peak.intensity).toFixed(1)}%${shared}`;
}

// The highest peaks, without those whose label would lie over that of a higher one or be crossed by its line.
function labelled(peaks, x) {
  const chosen = [];
  for (const peak of [...peaks].sort((a, b) => b.intensity - a.intensity || a.mz - b.mz)) {
    if (peak.intensity < 0.04 || chosen.length === LABELS) break;
    const apart = other => Math.abs(x(other.mz) - x(peak.mz));
    const over = other => apart(other) < 26 || (apart(other) < 54 && Math.abs(other.intensity - peak.intensity) < 0.14);
    if (!chosen.some(over)) chosen.push(peak);
  }
  return chosen;
}

function axis(from, to, x, y, most) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000].find(step => (to - from) / step <= most) ?? 2000;
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return drawn("g", {}, drawn("line", { x1: x(from), x2: x(to), y1: y, y2: y, stroke: "#9aa3af" }),
    ticks.map(at => [drawn("line", { x1: x(at), x2: x(at), y1: y, y2: y + 4, stroke: "#9aa3af" }),
      drawn("text", { x: x(at), y: y + 17, "text-anchor": "middle", class: "tick", text: String(at) })]).flat(),
    drawn("text", { x: (x(from) + x(to)) / 2, y: y + 34, "text-anchor": "middle", text: "m/z" }));
}

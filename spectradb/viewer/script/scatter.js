// Runs or samples in the plane, coloured by their group.

const GROUP_COLOURS = ["#0b5c94", "#c2571a", "#2c7a4b", "#8a4fb0", "#b8860b", "#b02a4c", "#4a5568", "#0d8a8a"];
const PLANE = { width: 640, height: 380, margin: 24 };

function scatter(points, pick) {
  const groups = [...new Set(points.map(point => point.sample_group ?? point.sample_type ?? "no group"))].sort();
  const of = point => groups.indexOf(point.sample_group ?? point.sample_type ?? "no group");
  const place = (name, length) => {
    const values = points.map(point => point[name]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return value => PLANE.margin + (high > low ? (value - low) / (high - low) : 0.5) * (length - 2 * PLANE.margin);
  };
  const [x, y] = [place("x", PLANE.width), place("y", PLANE.height)];
  const dots = points.map(point => drawn("circle", { cx: x(point.x), cy: PLANE.height - y(point.y), r: 7, class: "dot",
    fill: GROUP_COLOURS[of(point) % GROUP_COLOURS.length], on: { click: () => pick(point) } }, drawn("title", { text: `${point.name} (${groups[of(point)]})` })));
  return element("figure", {},
    drawn("svg", { viewBox: `0 0 ${PLANE.width} ${PLANE.height}`, class: "plot", role: "img", "aria-label": "runs or samples in the plane" }, dots),
    element("figcaption", { class: "legend" }, groups.map((group, i) => element("span", {},
      drawn("svg", { viewBox: "0 0 12 12", width: 12, height: 12 }, drawn("circle", { cx: 6, cy: 6, r: 5, fill: GROUP_COLOURS[i % GROUP_COLOURS.length] })), ` ${group}`))));
}

// Structures, drawn from their SMILES; where one cannot be drawn, the SMILES stands for it.

const DRAWING = { width: 500, height: 500, bondThickness: 1.1, terminalCarbons: false, compactDrawing: false, padding: 12 };
const SHOWN = 0.8;

function structure(smiles, label) {
  if (!smiles) return said("structure not told");
  const place = element("figure", { class: "structure" });
  const caption = element("figcaption", {}, element("span", { text: label ?? "" }), element("code", { text: smiles }));
  const drawing = drawn("svg", { viewBox: `0 0 ${DRAWING.width} ${DRAWING.height}`, role: "img", "aria-label": `structure of ${label ?? smiles}` });
  try {
    SmilesDrawer.parse(smiles, tree => {
      new SmilesDrawer.SvgDrawer(DRAWING).draw(tree, drawing, "light");
      place.append(drawing);
    }, () => undefined);
  } catch {
    drawing.remove();
  }
  place.append(caption);
  return place;
}

// Cut a drawing that is shown to what is drawn, all with bonds of one length: long molecules are wide, small ones small.
function fit(drawing) {
  const { x, y, width, height } = drawing.getBBox();
  const margin = 8;
  drawing.setAttribute("viewBox", [x - margin, y - margin, width + 2 * margin, height + 2 * margin].join(" "));
  drawing.style.width = `${Math.max(40, SHOWN * (width + 2 * margin))}px`;
}

// Elements of the page. Whatever comes from a lab becomes text of a node or value of an attribute here, never markup.

const SVG = "http://www.w3.org/2000/svg";

// Make an element: attributes, `text`, `on` (listeners by event), `of` (properties), then children; null children are left out.
function element(tag, { text, on = {}, of = {}, ...attributes } = {}, ...children) {
  return filled(document.createElement(tag), { text, on, of, attributes }, children);
}

// The same for drawings.
function drawn(tag, { text, on = {}, ...attributes } = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), { text, on, of: {}, attributes }, children);
}

function filled(node, { text, on, of, attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  Object.assign(node, of);
  if (text !== undefined) node.textContent = text;
  node.append(...children.flat().filter(child => child !== null && child !== undefined));
  return node;
}

function button(text, click, attributes = {}) {
  return element("button", { type: "button", text, on: { click }, ...attributes });
}

// A text field, number field or checkbox with its name.
function field(name, input) {
  return element("label", { class: input.type === "checkbox" ? "check" : null }, element("span", { text: name }), input);
}

function choice(options, chosen, change, attributes = {}) {
  const entries = options.map(([value, text]) => element("option", { value, text, selected: value === chosen }));
  return element("select", { on: { change: event => change(event.target.value) }, ...attributes }, entries);
}

// Say something in the place of what it concerns.
function said(text, kind = "soft") {
  return element("p", { class: kind, text, role: kind === "error" ? "alert" : "status" });
}

// Call `act` once no further call came for a while.
function later(act, milliseconds = 300) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}

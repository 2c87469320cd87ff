// A profile -> its stack, drawn: a line for each layer, the one that wins on top, and who stands on whom beside it.

const ROW = 48;
const SPINE = 14;
const LANE = 14;

/**
 * Who stands on whom within a stack, as positions in `layers`. Builds of earlier versions do not say what each layer
 * itself stacks on; there every layer stands on the one below it.
 * @param {Profile} profile
 * @returns {[number, number][]}
 */
function edgesOf(profile) {
  const { layers } = profile;
  const position = new Map(layers.map((layer, index) => [layer, index]));
  /** @type {[number, number][]} */
  const edges = [];
  layers.forEach((layer, index) => {
    if (layer === BASELINE) return;
    const own = profiles[layer].stack ?? (index > 0 && layers[index - 1] !== BASELINE ? [[layers[index - 1]]] : []);
    for (const [below] of own) {
      const at = position.get(Number(below));
      if (at !== undefined) edges.push([index, at]);
    }
  });
  return edges;
}

/**
 * @param {number} number
 * @param {Field[]} fields
 * @returns {HTMLElement}
 */
function stackView(number, fields) {
  const { layers } = profiles[number];
  const edges = edgesOf(profiles[number]);
  const list = element("ol", { class: "layers", reversed: "" });
  for (const layer of [...layers].reverse()) list.append(layerRow(layer, number, fields));
  return element("div", { class: "stack" }, drawing(layers, edges), list);
}

/**
 * @param {number} layer
 * @param {number} number
 * @param {Field[]} fields
 */
function layerRow(layer, number, fields) {
  const wins = fields.filter((each) => each.winner.layer === layer).length;
  const sets = wins + fields.filter((each) => each.overridden.some((one) => one.layer === layer)).length;
  const effect = sets ? `${wins} of ${counted(sets, "field")} in effect` : "sets nothing";
  const name = layer === BASELINE || layer === number ? element("b", {}, nameOf(layer)) : profileLink(layer);
  name.title = visible(nameOf(layer));
  return element("li", {}, name, element("span", { class: "muted" }, layer === number ? `this profile; ${effect}` : effect));
}

/**
 * The dots on a spine, and the edges: straight to the next layer, in an arc past others.
 * @param {number[]} layers
 * @param {[number, number][]} edges
 */
function drawing(layers, edges) {
  const y = (/** @type {number} */ position) => (layers.length - 1 - position) * ROW + ROW / 2;
  const arcs = edges.filter(([above, below]) => above - below > 1);
  const lanes = lanesOf(arcs);
  const width = SPINE * 2 + Math.max(0, ...lanes.map((lane) => lane + 1)) * LANE;
  const height = layers.length * ROW;
  const image = drawn("svg", { class: "edges", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const [above, below] of edges) {
    const arc = arcs.findIndex((each) => each[0] === above && each[1] === below);
    image.append(drawn("path", { d: arc < 0 ? straight(y(above), y(below)) : curved(y(above), y(below), lanes[arc]) }));
  }
  layers.forEach((layer, position) => {
    const kind = layer === BASELINE ? "baseline" : position === layers.length - 1 ? "leaf" : "layer";
    image.append(drawn("circle", { cx: SPINE, cy: y(position), r: kind === "leaf" ? 6 : 5, class: kind }));
  });
  return image;
}

/**
 * A lane for each arc, so that those which pass the same row do not lie on each other; short ones stay near.
 * @param {[number, number][]} arcs
 * @returns {number[]}
 */
function lanesOf(arcs) {
  const lanes = arcs.map(() => -1);
  const byLength = arcs.map((_, index) => index).sort((a, b) => arcs[a][0] - arcs[a][1] - (arcs[b][0] - arcs[b][1]));
  for (const index of byLength) {
    const [above, below] = arcs[index];
    const taken = new Set(lanes.filter((lane, other) => lane >= 0 && arcs[other][0] > below && arcs[other][1] < above));
    lanes[index] = 0;
    while (taken.has(lanes[index])) lanes[index] += 1;
  }
  return lanes;
}

/**
 * @param {number} from
 * @param {number} to
 */
function straight(from, to) {
  return `M${SPINE} ${from}V${to}`;
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} lane
 */
function curved(from, to, lane) {
  const x = SPINE + (lane + 1) * LANE;
  const bend = ROW / 2;
  return `M${SPINE} ${from}C${x} ${from} ${x} ${from} ${x} ${from + bend}V${to - bend}C${x} ${to} ${x} ${to} ${SPINE} ${to}`;
}

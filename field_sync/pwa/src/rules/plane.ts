/**
 * Shapes in a plane of metres: how far a point is from them, whether it is inside, what they hold.
 *
 * Inside is by the even-odd rule over all rings, so that a hole is out, and a ring that crosses
 * itself counts as what it encloses. Edges that two rings share cancel: areas side by side are one.
 */

export type Point = readonly [x: number, y: number];
/** A closed ring or an open line. */
export type Path = readonly Point[];

type Edge = readonly [from: Point, to: Point];

/** What lies in a plane, made ready for many questions; only polygons hold anything. */
export interface Laid {
  readonly points: readonly Point[];
  readonly edges: readonly Edge[];
  readonly holds: boolean;
}

/** Lay single points. */
export function layPoints(points: readonly Point[]): Laid {
  return { points, edges: [], holds: false };
}

/** Lay open lines. */
export function layLines(lines: readonly Path[]): Laid {
  return { points: [], edges: lines.flatMap(edgesOf), holds: false };
}

/** Lay closed rings, the outsides and the holes of polygons alike. */
export function layRings(rings: readonly Path[]): Laid {
  return { points: [], edges: unshared(distinct(rings).flatMap(edgesOf)), holds: true };
}

/** Measure from a point to the nearest of the points and edges. */
export function distance(laid: Laid, [x, y]: Point): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [px, py] of laid.points) least = Math.min(least, Math.hypot(px - x, py - y));
  for (const [[ax, ay], [bx, by]] of laid.edges) {
    const [dx, dy] = [bx - ax, by - ay];
    const lengthSquared = dx * dx + dy * dy;
    const along = lengthSquared > 0 ? ((x - ax) * dx + (y - ay) * dy) / lengthSquared : 0;
    const t = Math.min(Math.max(along, 0), 1);
    least = Math.min(least, Math.hypot(ax + t * dx - x, ay + t * dy - y));
  }
  return least;
}

/** Tell whether a point lies inside. */
export function contains(laid: Laid, [x, y]: Point): boolean {
  if (!laid.holds) return false;
  let inside = false;
  for (const edge of laid.edges) {
    const [[, ay], [, by]] = edge;
    if (ay > y !== by > y && x < xAt(edge, y)) inside = !inside;
  }
  return inside;
}

/**
 * Measure what the rings hold, in the plane's own square units.
 *
 * @param enough stop when so much is found: most shapes then cost a few strips of theirs.
 */
export function area(laid: Laid, enough = Number.POSITIVE_INFINITY): number {
  if (!laid.holds) return 0;
  const slanted = laid.edges
    .filter(([[, ay], [, by]]) => ay !== by)
    .map((edge) => (edge[0][1] < edge[1][1] ? edge : ([edge[1], edge[0]] as const)))
    .sort(([[, a]], [[, b]]) => a - b);
  const levels = [...new Set(slanted.flatMap(([[, low], [, high]]) => [low, high]))];
  levels.sort((a, b) => a - b);
  let total = 0;
  let active: Edge[] = [];
  let next = 0;
  for (const [place, low] of levels.slice(0, -1).entries()) {
    const high = levels[place + 1] ?? low;
    active = active.filter(([, [, end]]) => end > low);
    for (let edge = slanted[next]; edge && edge[0][1] <= low; edge = slanted[next]) {
      active.push(edge);
      next += 1;
    }
    total += stripArea(active, low, high);
    if (total > enough) return total;
  }
  return total;
}

/** Measure the strip between two levels, which every edge crosses from one to the other. */
function stripArea(edges: readonly Edge[], low: number, high: number): number {
  const cuts = [low, ...crossings(edges, low, high), high];
  let total = 0;
  for (const [place, from] of cuts.slice(0, -1).entries()) {
    const to = cuts[place + 1] ?? from;
    const middles = edges.map((edge) => xAt(edge, (from + to) / 2)).sort((a, b) => a - b);
    for (let at = 0; at + 1 < middles.length; at += 2) {
      total += ((middles[at + 1] ?? 0) - (middles[at] ?? 0)) * (to - from);
    }
  }
  return total;
}

/** List the levels within a strip at which two of its edges cross. */
function crossings(edges: readonly Edge[], low: number, high: number): number[] {
  const found: number[] = [];
  for (const [place, one] of edges.entries()) {
    for (const other of edges.slice(place + 1)) {
      const below = xAt(one, low) - xAt(other, low);
      const above = xAt(one, high) - xAt(other, high);
      if (below * above < 0) found.push(low + ((high - low) * below) / (below - above));
    }
  }
  return found.sort((a, b) => a - b);
}

function xAt([[ax, ay], [bx, by]]: Edge, y: number): number {
  return ax + ((y - ay) / (by - ay)) * (bx - ax);
}

function edgesOf(path: Path): Edge[] {
  return path.slice(1).map((to, place) => [path[place] ?? to, to]);
}

/** Leave out a ring that is there already, whatever its start and direction. */
function distinct(rings: readonly Path[]): Path[] {
  if (rings.length < 2) return [...rings];
  const seen = new Set<string>();
  return rings.filter((ring) => {
    const name = edgesOf(ring).map(nameOf).sort().join();
    return !seen.has(name) && seen.add(name);
  });
}

/**
 * Leave out edges that lie on one another in pairs: what is on their two sides is the same.
 *
 * Where nothing else is left, a ring was walked twice, and counts once.
 */
function unshared(edges: readonly Edge[]): Edge[] {
  const odd = new Map<string, Edge>();
  for (const edge of edges) {
    const name = nameOf(edge);
    if (!odd.delete(name)) odd.set(name, edge);
  }
  const left = odd.size > 0 ? odd : new Map(edges.map((edge) => [nameOf(edge), edge]));
  return [...left.values()];
}

function nameOf([[ax, ay], [bx, by]]: Edge): string {
  const [from, to] = [`${ax} ${ay}`, `${bx} ${by}`];
  return from < to ? `${from} ${to}` : `${to} ${from}`;
}

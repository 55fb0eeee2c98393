// Connected components by runs: each row of the volume is cut into stretches of foreground, and stretches that touch in
// neighbouring rows are joined by union-find. Needs memory for the stretches only, not a number per voxel.

/** Voxels [start, end) of one row, as positions in the flat volume. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** The foreground of a label map as runs, joined into components by faces, edges and corners. */
export class ForegroundRuns {
  readonly #runs: Run[] = [];
  /** By run, an earlier run of the same component, or itself. */
  readonly #parent: number[] = [];
  /** First run of each row, row = z * height + y; one more entry for the end. */
  readonly #firstOfRow: number[] = [];
  readonly #height: number;
  readonly #width: number;

  constructor(
    labels: Uint8Array,
    [depth, height, width]: readonly [number, number, number],
    foreground: ReadonlySet<number>,
  ) {
    this.#height = height;
    this.#width = width;
    const isForeground = Uint8Array.from({ length: 256 }, (_, label) => (foreground.has(label) ? 1 : 0));
    for (let row = 0; row < depth * height; row++) {
      this.#firstOfRow.push(this.#runs.length);
      this.#cut(labels, row * width, isForeground);
      for (const neighbour of this.#earlierNeighbours(row)) this.#join(neighbour, row);
    }
  }

  /** The runs of each component; components by their first voxel. */
  components(): Run[][] {
    const components = new Map<number, Run[]>();
    this.#runs.forEach((run, i) => {
      const root = this.#root(i);
      const known = components.get(root);
      if (known) known.push(run);
      else components.set(root, [run]);
    });
    return [...components.values()];
  }

  /** Every run that is not part of a component of the largest size. */
  outsideLargest(): Run[] {
    const voxels = new Map<number, number>();
    this.#runs.forEach((run, i) => {
      const root = this.#root(i);
      voxels.set(root, (voxels.get(root) ?? 0) + run.end - run.start);
    });
    let largest = 0;
    for (const size of voxels.values()) largest = Math.max(largest, size);
    return this.#runs.filter((_, i) => voxels.get(this.#root(i)) !== largest);
  }

  #cut(labels: Uint8Array, from: number, isForeground: Uint8Array): void {
    const to = from + this.#width;
    for (let i = from; i < to; i++) {
      if (isForeground[labels[i] as number] === 0) continue;
      const start = i;
      while (i < to && isForeground[labels[i] as number] === 1) i++;
      this.#parent.push(this.#runs.length);
      this.#runs.push({ start, end: i });
    }
  }

  /** Rows already cut that touch `row`: the one before in its slice and three in the slice before. */
  #earlierNeighbours(row: number): number[] {
    const y = row % this.#height;
    const below = row - this.#height;
    const neighbours = y > 0 ? [row - 1] : [];
    if (below < 0) return neighbours;
    if (y > 0) neighbours.push(below - 1);
    neighbours.push(below);
    if (y < this.#height - 1) neighbours.push(below + 1);
    return neighbours;
  }

  #join(neighbour: number, row: number): void {
    let a = this.#firstOfRow[neighbour] as number;
    const endA = this.#firstOfRow[neighbour + 1] as number;
    let b = this.#firstOfRow[row] as number;
    while (a < endA && b < this.#runs.length) {
      const [first, second] = [this.#within(a, neighbour), this.#within(b, row)];
      // Ends are exclusive, so equality is a touch by a corner.
      if (first.start <= second.end && second.start <= first.end) this.#unite(a, b);
      if (first.end < second.end) a++;
      else b++;
    }
  }

  /** A run in positions along its row, so that runs of two rows can be compared. */
  #within(i: number, row: number): Run {
    const { start, end } = this.#runs[i] as Run;
    return { start: start - row * this.#width, end: end - row * this.#width };
  }

  #unite(a: number, b: number): void {
    const [rootA, rootB] = [this.#root(a), this.#root(b)];
    if (rootA < rootB) this.#parent[rootB] = rootA;
    else this.#parent[rootA] = rootB;
  }

  #root(i: number): number {
    let at = i;
    for (let up = this.#parent[at] as number; up !== at; up = this.#parent[at] as number) {
      this.#parent[at] = this.#parent[up] as number; // halves the path
      at = up;
    }
    return at;
  }
}

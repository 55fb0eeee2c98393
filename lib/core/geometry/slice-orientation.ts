/** How slices across the last index (k) of a grid lie in a body, seen with i to the right and j upwards. */
export interface SliceOrientation {
  readonly plane: 'axial' | 'coronal' | 'sagittal';
  /** What each edge is nearest to: left, right, posterior, anterior, inferior or superior. */
  readonly left: Direction;
  readonly right: Direction;
  readonly bottom: Direction;
  readonly top: Direction;
}

export type Direction = 'L' | 'R' | 'P' | 'A' | 'I' | 'S';

/** Of x, y and z in RAS: towards smaller and towards larger numbers, and the plane across the axis. */
const WORLD_AXES = [
  { ends: ['L', 'R'], plane: 'sagittal' },
  { ends: ['P', 'A'], plane: 'coronal' },
  { ends: ['I', 'S'], plane: 'axial' },
] as const;

/** Which world axis i, j and k may go along. */
const ASSIGNMENTS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/**
 * Of an oblique grid the nearest of the upright ones: that whose axes have the largest cosines in all.
 *
 * @param indexToWorld index (i, j, k, 1) to RAS, row-major 3 x 4, no column zero.
 */
export function sliceOrientation(indexToWorld: readonly number[]): SliceOrientation {
  /** Cosine between an index axis and a world axis. */
  const cosine = (index: number, world: number): number => {
    const column = [0, 4, 8].map((row) => indexToWorld[row + index] ?? 0);
    return (column[world] ?? 0) / Math.hypot(...column);
  };
  const closeness = (assignment: readonly number[]): number =>
    assignment.reduce((sum, world, index) => sum + Math.abs(cosine(index, world)), 0);
  const [i, j, k] = ASSIGNMENTS.reduce((best, other) => (closeness(other) > closeness(best) ? other : best));
  const ends = (index: number, world: 0 | 1 | 2): readonly [Direction, Direction] => {
    const [smaller, larger] = WORLD_AXES[world].ends;
    return cosine(index, world) < 0 ? [larger, smaller] : [smaller, larger];
  };
  const [left, right] = ends(0, i);
  const [bottom, top] = ends(1, j);
  return { plane: WORLD_AXES[k].plane, left, right, bottom, top };
}

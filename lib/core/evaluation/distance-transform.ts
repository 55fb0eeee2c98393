// Exact Euclidean distances on a grid with another spacing per axis, in time proportional to the voxels: axis by axis,
// the lower envelope of one parabola per voxel (Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions,
// Theory of Computing 8, 2012).

/**
 * Squared distance, in mm², from the middle of every voxel to that of the nearest marked one; Infinity if none is.
 *
 * @param marked not 0 = distance 0; C order over `shape`.
 * @param shape one or more axes. @param spacing mm per axis, above 0.
 * @throws {RangeError} if `marked` does not fill `shape`.
 */
export function squaredDistances(
  marked: ArrayLike<number>,
  shape: readonly number[],
  spacing: readonly number[],
): Float64Array<ArrayBuffer> {
  const voxels = shape.reduce((a, b) => a * b, 1);
  if (marked.length !== voxels)
    throw new RangeError(`shape ${shape.join(' x ')} has ${voxels} voxels, got ${marked.length}`);
  const squared = Float64Array.from(marked, (value) => (value ? 0 : Number.POSITIVE_INFINITY));
  let stride = voxels;
  for (const [axis, extent] of shape.entries()) {
    stride /= extent;
    const envelope = new Envelope(extent, spacing[axis] ?? 1);
    for (let voxel = 0; voxel < voxels; voxel++)
      if (Math.floor(voxel / stride) % extent === 0) envelope.relax(squared, voxel, stride);
  }
  return squared;
}

/** The lower envelope of the parabolas of one line. Buffers are used again for every line. */
class Envelope {
  readonly #spacing: number;
  readonly #line: Float64Array;
  /** Voxels whose parabola is part of the envelope, ascending, and where each begins to be lowest, mm. */
  readonly #vertices: Int32Array;
  readonly #from: Float64Array;

  constructor(extent: number, spacing: number) {
    this.#spacing = spacing;
    this.#line = new Float64Array(extent);
    this.#vertices = new Int32Array(extent);
    this.#from = new Float64Array(extent);
  }

  /** Replaces a line's values by min over q of (p - q)² + value(q). */
  relax(values: Float64Array, start: number, stride: number): void {
    const line = this.#line;
    for (let i = 0; i < line.length; i++) line[i] = values[start + i * stride] as number;
    const count = this.#build();
    if (count === 0) return;
    for (let i = 0, k = 0; i < line.length; i++) {
      while (k + 1 < count && (this.#from[k + 1] as number) <= i * this.#spacing) k++;
      const vertex = this.#vertices[k] as number;
      values[start + i * stride] = ((i - vertex) * this.#spacing) ** 2 + (line[vertex] as number);
    }
  }

  /** @returns how many parabolas there are; voxels at Infinity have none. */
  #build(): number {
    let count = 0;
    for (let q = 0; q < this.#line.length; q++) {
      if (this.#line[q] === Number.POSITIVE_INFINITY) continue;
      let begins = Number.NEGATIVE_INFINITY;
      while (count > 0) {
        begins = this.#crossing(this.#vertices[count - 1] as number, q);
        if (begins > (this.#from[count - 1] as number)) break;
        count--;
        begins = Number.NEGATIVE_INFINITY;
      }
      this.#vertices[count] = q;
      this.#from[count] = begins;
      count++;
    }
    return count;
  }

  /** Where the parabola of a later voxel becomes the lower one, mm. */
  #crossing(earlier: number, later: number): number {
    const [a, b] = [earlier * this.#spacing, later * this.#spacing];
    return ((this.#line[later] as number) + b * b - ((this.#line[earlier] as number) + a * a)) / (2 * (b - a));
  }
}

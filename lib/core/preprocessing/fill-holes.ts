/**
 * Sets every unset voxel that 6-connected unset voxels do not join to the border of the volume, in place.
 *
 * The unset voxels are flooded from the border by whole runs along the last axis, so that the list of open work stays
 * far below one entry per voxel; what the flood does not reach is a hole.
 *
 * @param mask (z, y, x), 0 or 1.
 * @see scipy.ndimage.binary_fill_holes with its default structure
 */
export function fillHoles(mask: Uint8Array, shape: readonly [number, number, number]): void {
  const outside = floodFromBorder(mask, shape);
  for (let i = 0; i < mask.length; i++) if (outside[i] === 0) mask[i] = 1;
}

/** 1 where an unset voxel is joined to the border. */
function floodFromBorder(mask: Uint8Array, [nz, ny, nx]: readonly [number, number, number]): Uint8Array {
  const outside = new Uint8Array(mask.length);
  const open: number[] = []; // flat index of one reached voxel of each run still to be walked
  const isNew = (at: number): boolean => mask[at] === 0 && outside[at] === 0;

  /** Marks the run through `at` and returns it as [first, last]. */
  const markRun = (at: number): readonly [number, number] => {
    const rowStart = at - (at % nx);
    let first = at;
    let last = at;
    while (first > rowStart && isNew(first - 1)) first--;
    while (last < rowStart + nx - 1 && isNew(last + 1)) last++;
    outside.fill(1, first, last + 1);
    return [first, last];
  };

  /** Opens each run of new voxels in [first, last], part of one row. */
  const openRuns = (first: number, last: number): void => {
    for (let at = first; at <= last; at++) {
      if (isNew(at) && (at === first || !isNew(at - 1))) open.push(at);
    }
  };

  const flood = (): void => {
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (!isNew(at)) continue;
      const [first, last] = markRun(at);
      const row = Math.floor(at / nx);
      const y = row % ny;
      const z = (row - y) / ny;
      if (y > 0) openRuns(first - nx, last - nx);
      if (y < ny - 1) openRuns(first + nx, last + nx);
      if (z > 0) openRuns(first - nx * ny, last - nx * ny);
      if (z < nz - 1) openRuns(first + nx * ny, last + nx * ny);
    }
  };

  for (let row = 0; row < nz * ny; row++) {
    const y = row % ny;
    const z = (row - y) / ny;
    const onBorder = z === 0 || z === nz - 1 || y === 0 || y === ny - 1;
    if (onBorder) openRuns(row * nx, row * nx + nx - 1);
    else for (const end of [row * nx, row * nx + nx - 1]) openRuns(end, end);
    flood();
  }
  return outside;
}

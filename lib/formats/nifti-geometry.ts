// Where a NIfTI grid lies in space, as its header says it. Kept field by field, not as one matrix, so that a file
// written on the same grid has the same header.

import type { Spacing } from '#core/geometry/axes.ts';

/** The header fields that place a grid. Units and codes are NIfTI's own. */
export interface NiftiGeometry {
  /** 2: 8-byte fields; written as it was read, since its numbers need not fit into NIfTI-1's 4 bytes. */
  readonly version: 1 | 2;
  /** 2 for a single image without a third axis. */
  readonly dimensions: 2 | 3;
  /** Eight entries; the first is qfac (-1 or 1), the next three mm per voxel in x, y, z. */
  readonly pixdim: readonly number[];
  readonly xyztUnits: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** b, c, d; a follows from the length 1. */
  readonly quaternion: readonly number[];
  /** x, y, z of voxel 0 by the qform. */
  readonly qformOffset: readonly number[];
  /** srow_x, srow_y, srow_z: row-major 3 x 4. */
  readonly sform: readonly number[];
}

/**
 * Index (i, j, k, 1) to world (x, y, z) in RAS, row-major 3 x 4, in the header's length unit.
 *
 * As nibabel chooses: the sform if its code is above 0, else the qform if its code is, else the spacings alone.
 *
 * @see nifti1.h, "3D IMAGE (VOLUME) ORIENTATION AND LOCATION IN SPACE"
 */
export function indexToWorldRas(geometry: NiftiGeometry): readonly number[] {
  if (geometry.sformCode > 0) return geometry.sform;
  const [qfac = 1, dx = 1, dy = 1, dz = 1] = geometry.pixdim;
  if (geometry.qformCode <= 0) return [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0];
  const [x = 0, y = 0, z = 0] = geometry.qformOffset;
  const scale = [dx, dy, qfac < 0 ? -dz : dz];
  const [r00, r01, r02, r10, r11, r12, r20, r21, r22] = rotation(geometry.quaternion, scale);
  return [r00, r01, r02, x, r10, r11, r12, y, r20, r21, r22, z];
}

type Matrix3 = [number, number, number, number, number, number, number, number, number];

function rotation([b = 0, c = 0, d = 0]: readonly number[], [sx = 1, sy = 1, sz = 1]: readonly number[]): Matrix3 {
  // Rounding in the header can make b² + c² + d² a little more than 1.
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  return [
    (a * a + b * b - c * c - d * d) * sx,
    2 * (b * c - a * d) * sy,
    2 * (b * d + a * c) * sz,
    2 * (b * c + a * d) * sx,
    (a * a + c * c - b * b - d * d) * sy,
    2 * (c * d - a * b) * sz,
    2 * (b * d - a * c) * sx,
    2 * (c * d + a * b) * sy,
    (a * a + d * d - b * b - c * c) * sz,
  ];
}

/** A grid along the world axes with voxel 0 at the origin: for volumes that are made, not read. In mm. */
export function axisAlignedGeometry([dz, dy, dx]: Spacing<'zyx'>): NiftiGeometry {
  return {
    version: 1,
    dimensions: 3,
    pixdim: [1, dx, dy, dz, 0, 0, 0, 0],
    xyztUnits: 2,
    qformCode: 1,
    sformCode: 1,
    quaternion: [0, 0, 0],
    qformOffset: [0, 0, 0],
    sform: [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0],
  };
}

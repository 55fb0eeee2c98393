/** What the patch size alone decides about augmentation. */
export interface PatchGeometry {
  /** Extent read before the spatial transform, leaving room for rotation and zoom. Same axes as the patch. */
  readonly initialPatchSize: readonly number[];
  /** Angles are drawn from -limit to +limit, radians. */
  readonly rotationLimit: number;
  /** All slices of axis 0 get the same in-plane transform: the patch is too thin to be rotated out of its plane. */
  readonly dummy2d: boolean;
  /** Axes that may be flipped, in training and in prediction. */
  readonly mirrorAxes: readonly number[];
}

/** Above this ratio of its axes a 3D patch is transformed in plane only. */
const anisotropyForDummy2d = 3;
/** Above this ratio of its axes a 2D patch is rotated by little, so that it stays inside the initial patch. */
const elongationFor2dRotation = 1.5;
/** The initial patch leaves room for zooming to this scale, not for all that may be drawn. As nnU-Net has it. */
const zoomAllowance = 0.85;

// Written as nnU-Net writes them (180 / 360 * 2π): their last bits decide where an extent is truncated.
const radians = (degrees: number): number => (degrees / 360) * 2 * Math.PI;

/**
 * Rotation limit, mirror axes and initial patch size for a patch of 2 or 3 axes.
 *
 * 3D: ±30° about each axis; ±180° in plane if the patch's largest extent exceeds 3 times its first. 2D: ±180°, or ±15°
 * if one extent exceeds 1.5 times the other. Patch [40, 56, 40] is read as [73, 80, 64].
 *
 * @see nnU-Net v2, nnUNetTrainer.configure_rotation_dummyDA_mirroring_and_inital_patch_size
 */
export function patchGeometry(patchSize: readonly number[]): PatchGeometry {
  const dummy2d = patchSize.length === 3 && Math.max(...patchSize) / (patchSize[0] ?? 1) > anisotropyForDummy2d;
  const rotationLimit = rotationLimitOf(patchSize, dummy2d);
  const rotated = initialPatchSize(patchSize, rotationLimit);
  return {
    initialPatchSize: dummy2d ? [...patchSize.slice(0, 1), ...rotated.slice(1)] : rotated,
    rotationLimit,
    dummy2d,
    mirrorAxes: patchSize.map((_, axis) => axis),
  };
}

function rotationLimitOf(patchSize: readonly number[], dummy2d: boolean): number {
  if (patchSize.length === 3) return dummy2d ? radians(180) : radians(30);
  return Math.max(...patchSize) / Math.min(...patchSize) > elongationFor2dRotation ? radians(15) : radians(180);
}

/**
 * Extent that holds the patch turned by the limit (at most 90°) about any one axis, and then zoomed.
 *
 * The patch's diagonal vector is turned, so the result is not symmetric in the axes.
 */
function initialPatchSize(patchSize: readonly number[], rotationLimit: number): number[] {
  const angle = Math.min(rotationLimit, Math.PI / 2);
  const turned = patchSize.length === 3 ? turnedAboutEachAxis(patchSize, angle) : [turned2d(patchSize, angle)];
  return patchSize.map((extent, axis) => {
    const needed = Math.max(extent, ...turned.map((vector) => Math.abs(vector[axis] ?? 0)));
    return Math.trunc(needed / zoomAllowance);
  });
}

function turnedAboutEachAxis([a = 0, b = 0, c = 0]: readonly number[], angle: number): number[][] {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [
    [a, b * cos + c * sin, -b * sin + c * cos],
    [a * cos - c * sin, b, a * sin + c * cos],
    [a * cos + b * sin, -a * sin + b * cos, c],
  ];
}

const turned2d = ([a = 0, b = 0]: readonly number[], angle: number): number[] => [
  a * Math.cos(angle) + b * Math.sin(angle),
  -a * Math.sin(angle) + b * Math.cos(angle),
];

/** A spacing is anisotropic when its largest entry is more than this many times its smallest. nnU-Net's constant. */
const ANISOTROPY = 3;

/**
 * The axis that is resampled on its own, slice by slice, because the slices lie far apart; `null` for none.
 *
 * Looked for in the current spacing, and if that is not anisotropic in the new one. Two axes that share the largest
 * spacing are no single axis: then all three are resampled together.
 *
 * @param force `true`: the current spacing's largest axis, however small; `false`: never; `null`: by the rule.
 * @see nnU-Net v2, preprocessing/resampling/default_resampling.py, determine_do_sep_z_and_axis
 */
export function separateAxis(
  currentSpacing: readonly number[],
  newSpacing: readonly number[],
  force: boolean | null,
): number | null {
  if (force === false) return null;
  if (force === true || isAnisotropic(currentSpacing)) return largestAxis(currentSpacing);
  return isAnisotropic(newSpacing) ? largestAxis(newSpacing) : null;
}

const isAnisotropic = (spacing: readonly number[]): boolean => Math.max(...spacing) / Math.min(...spacing) > ANISOTROPY;

function largestAxis(spacing: readonly number[]): number | null {
  const largest = Math.max(...spacing);
  const axis = spacing.indexOf(largest);
  return axis === spacing.lastIndexOf(largest) ? axis : null;
}

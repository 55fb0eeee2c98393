/**
 * Turns by the given angles about axis 0, then 1, then 2, then scales: R2 R1 R0 S, row-major 3 x 3.
 *
 * Right-handed. A scale above 1 reads a larger region, so objects shrink.
 *
 * @param angles radians, one per axis.
 */
export function affine3d(angles: readonly [number, number, number], scale: number): number[] {
  const [cos0, cos1, cos2] = angles.map(Math.cos) as [number, number, number];
  const [sin0, sin1, sin2] = angles.map(Math.sin) as [number, number, number];
  const aboutAxis0 = [1, 0, 0, 0, cos0, -sin0, 0, sin0, cos0];
  const aboutAxis1 = [cos1, 0, sin1, 0, 1, 0, -sin1, 0, cos1];
  const aboutAxis2 = [cos2, -sin2, 0, sin2, cos2, 0, 0, 0, 1];
  return multiply3x3(aboutAxis2, multiply3x3(aboutAxis1, aboutAxis0)).map((entry) => entry * scale);
}

/** Turns by `angle` radians, then scales: row-major 2 x 2. */
export function affine2d(angle: number, scale: number): number[] {
  const cos = Math.cos(angle) * scale;
  const sin = Math.sin(angle) * scale;
  return [cos, -sin, sin, cos];
}

function multiply3x3(a: readonly number[], b: readonly number[]): number[] {
  const entry = (m: readonly number[], row: number, column: number): number => m[row * 3 + column] ?? Number.NaN;
  return Array.from({ length: 9 }, (_, i) => {
    const row = Math.floor(i / 3);
    return [0, 1, 2].reduce((sum, k) => sum + entry(a, row, k) * entry(b, k, i % 3), 0);
  });
}

/**
 * Nearest integer, halves to the even neighbour: 0.5 → 0, 1.5 → 2, 2.5 → 2, -0.5 → 0.
 *
 * Python's `round` and NumPy's `rint` do this; `Math.round` sends halves up and would change shapes and steps.
 */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

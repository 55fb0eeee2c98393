import { product } from '#core/geometry/axes.ts';
import type { Tensors } from '#core/network/tensor.ts';

/**
 * Checks that tensors are exactly those expected, by name and shape.
 *
 * @param what they are, for the message: `weights`, `optimiser state`.
 * @throws {RangeError} naming the first one that is missing, too many or of another shape.
 */
export function expectTensors(
  what: string,
  expected: readonly { readonly name: string; readonly shape: readonly number[] }[],
  actual: Tensors,
): void {
  for (const { name, shape } of expected) {
    const tensor = actual.get(name);
    if (!tensor) throw new RangeError(`${what}: ${name} is missing`);
    if (tensor.shape.join() !== shape.join())
      throw new RangeError(`${what}: expected ${name} of shape [${shape}], got [${tensor.shape}]`);
    const count = product(shape);
    if (tensor.data.length !== count)
      throw new RangeError(`${what}: expected ${count} values of ${name}, got ${tensor.data.length}`);
  }
  const names = new Set(expected.map(({ name }) => name));
  for (const name of actual.keys()) if (!names.has(name)) throw new RangeError(`${what}: ${name} is not expected`);
}

import { product } from '#core/geometry/axes.ts';

/** Each of the arrays of `shape` that lie one after another in `values`, flipped along `axes`. */
export function flip<T extends Float32Array | Int16Array>(
  values: T,
  shape: readonly number[],
  axes: readonly number[],
): T {
  return axes.reduce((flipped, axis) => flipAxis(flipped, shape, axis), values);
}

function flipAxis<T extends Float32Array | Int16Array>(values: T, shape: readonly number[], axis: number): T {
  const inner = product(shape.slice(axis + 1));
  const extent = shape[axis] ?? 1;
  const flipped = values.slice() as T;
  for (let block = 0; block < values.length; block += inner * extent)
    for (let i = 0; i < extent; i++)
      flipped.set(values.subarray(block + i * inner, block + (i + 1) * inner), block + (extent - 1 - i) * inner);
  return flipped;
}

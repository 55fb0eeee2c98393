/** Standard deviation as a share of the tile; weight at the centre; where the kernel ends, in deviations. nnU-Net's. */
const SIGMA_PER_TILE = 1 / 8;
const PEAK = 10;
const TRUNCATE = 4;

/**
 * How much each voxel of a tile counts: a Gaussian about the tile's centre, so that its borders, where the network sees
 * least around them, count least.
 *
 * Centre at floor(tile / 2), deviation tile / 8 per axis, highest value 10, rounded to float16 as nnU-Net keeps it; what
 * is 0 then takes the smallest value above 0. A tile of 5: 0.0598, 2.78, 10, 2.78, 0.0598.
 *
 * @param tileSize voxels per axis, any number of axes.
 * @returns `product(tileSize)` weights, C order, all above 0.
 * @see nnU-Net v2, inference/sliding_window_prediction.py, compute_gaussian
 */
export function gaussianWeight(tileSize: readonly number[]): Float32Array {
  let product: Float64Array = Float64Array.of(1);
  for (const tile of tileSize) product = outer(product, axisProfile(tile));
  const peak = product.reduce((a, b) => Math.max(a, b), 0);
  // By way of float32, as torch casts: rounding once would differ in a last bit now and then.
  const weights = Float32Array.from(product, (value) => Math.f16round(Math.fround(value / (peak / PEAK))));
  const smallest = weights.reduce((least, value) => (value > 0 && value < least ? value : least), PEAK);
  return weights.map((value) => (value === 0 ? smallest : value));
}

/** A normalised Gaussian kernel, cut off at its radius, as it lies on the axis. */
function axisProfile(tile: number): Float64Array {
  const sigma = tile * SIGMA_PER_TILE;
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const bell = (offset: number): number => Math.exp((-0.5 / (sigma * sigma)) * offset * offset);
  let sum = 0;
  for (let offset = -radius; offset <= radius; offset++) sum += bell(offset);
  const centre = Math.floor(tile / 2);
  return Float64Array.from({ length: tile }, (_, i) => (Math.abs(i - centre) <= radius ? bell(i - centre) / sum : 0));
}

function outer(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length * b.length);
  a.forEach((value, i) => {
    b.forEach((factor, j) => {
      out[i * b.length + j] = value * factor;
    });
  });
  return out;
}

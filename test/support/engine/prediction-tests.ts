import { expect, it } from 'vitest';
import type { Engine, Network } from '#compute/engine.ts';
import { flip } from '#core/augmentation/mirror.ts';
import { cutBox } from '#core/augmentation/patch.ts';
import { product } from '#core/geometry/axes.ts';
import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor } from '#core/network/tensor.ts';
import { assertClose } from '#test/assert-close.ts';
import { sineWeights, smallUNet, tensorOf } from './sample-networks.ts';

const weight = (tileSize: readonly number[]): Float32Array =>
  Float32Array.from({ length: product(tileSize) }, (_, i) => 1 + (i % 7));

const plans: { name: string; graph: NetworkGraph; image: Tensor; tiles: TilePlan }[] = [
  {
    name: 'a volume, tile by tile',
    graph: smallUNet(
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [2, 3],
      2,
    ),
    image: tensorOf([2, 7, 10, 8], (i) => Math.sin(0.3 * i)),
    tiles: { tileSize: [4, 8, 8], starts: [[0, 2, 3], [0, 2], [0]], weight: weight([4, 8, 8]), mirrorAxes: [] },
  },
  {
    name: 'a volume with all mirrorings',
    graph: smallUNet(
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [2, 3],
      2,
    ),
    image: tensorOf([2, 6, 8, 8], (i) => Math.sin(0.3 * i)),
    tiles: { tileSize: [4, 8, 8], starts: [[0, 2], [0], [0]], weight: weight([4, 8, 8]), mirrorAxes: [0, 1, 2] },
  },
  {
    name: 'every slice under a 2D network, mirrored in one axis',
    graph: smallUNet(
      [
        [1, 1],
        [2, 2],
      ],
      [2, 3],
      1,
    ),
    image: tensorOf([1, 3, 10, 12], (i) => Math.cos(0.2 * i)),
    tiles: {
      tileSize: [8, 8],
      starts: [
        [0, 2],
        [0, 4],
      ],
      weight: weight([8, 8]),
      mirrorAxes: [1],
    },
  },
];

/** Sliding windows beside a plain sum over tiles. */
export function testsPrediction(engine: () => Engine): void {
  it.each(plans)('predicts $name', async ({ graph, image, tiles }) => {
    await using network = await engine().compile(graph);
    await network.setWeights(sineWeights(graph));
    const logits = await network.predict(image, tiles);
    expect(logits.shape).toEqual([3, ...image.shape.slice(1)]);
    // Logits of order 1 to 10, added up in another order.
    assertClose(logits.data, (await predictPlainly(network, image, tiles)).data, { atol: 2e-5, rtol: 1e-5 }, 'logit');
  });
}

/** The sum that `predict` is, by `forward` on one tile at a time and float64 sums. */
async function predictPlainly(network: Network, image: Tensor, tiles: TilePlan): Promise<Tensor> {
  const { heads } = network.graph;
  const [, ...shape] = image.shape;
  const voxels = product(shape);
  const sums = new Float64Array(heads * voxels);
  const weights = new Float64Array(voxels);
  for (const corner of tileCorners(shape, tiles)) {
    const tile = await mirroredMean(network, image, corner, tiles);
    const extent = asVolume(tiles.tileSize);
    for (const [i, w] of tiles.weight.entries()) {
      const voxel = voxelAt(shape, corner, extent, i);
      weights[voxel] = (weights[voxel] ?? 0) + w;
      for (let head = 0; head < heads; head++)
        sums[head * voxels + voxel] =
          (sums[head * voxels + voxel] ?? 0) + w * (tile[head * tiles.weight.length + i] ?? 0);
    }
  }
  return { shape: [heads, ...shape], data: Float32Array.from(sums, (sum, i) => sum / (weights[i % voxels] ?? 1)) };
}

const asVolume = (extent: readonly number[]): readonly number[] => (extent.length === 2 ? [1, ...extent] : extent);

function tileCorners(shape: readonly number[], { starts, tileSize }: TilePlan): number[][] {
  const slices = Array.from({ length: shape[0] ?? 0 }, (_, slice) => slice);
  const [a = [], b = [], c = []] = tileSize.length === 2 ? [slices, ...starts] : starts;
  return a.flatMap((z) => b.flatMap((y) => c.map((x) => [z, y, x])));
}

function voxelAt(shape: readonly number[], corner: readonly number[], extent: readonly number[], i: number): number {
  const [, h = 1, w = 1] = extent;
  const [z = 0, y = 0, x = 0] = corner;
  const [, height = 1, width = 1] = shape;
  return ((z + Math.floor(i / (h * w))) * height + y + (Math.floor(i / w) % h)) * width + x + (i % w);
}

async function mirroredMean(
  network: Network,
  image: Tensor,
  corner: readonly number[],
  { tileSize, mirrorAxes }: TilePlan,
): Promise<number[]> {
  const [channels = 0, ...shape] = image.shape;
  const tile = cutBox(image.data, channels, shape, { corner, extent: asVolume(tileSize) }, 0);
  const flips = subsets(mirrorAxes);
  let sum: number[] = [];
  for (const axes of flips) {
    const [highest] = await network.forward({ shape: [1, channels, ...tileSize], data: flip(tile, tileSize, axes) });
    const logits = flip(highest?.data ?? new Float32Array(), tileSize, axes);
    sum = Array.from(logits, (logit, i) => (sum[i] ?? 0) + logit / flips.length);
  }
  return sum;
}

/** Every subset of the axes, the empty one first. */
const subsets = (axes: readonly number[]): number[][] =>
  Array.from({ length: 2 ** axes.length }, (_, chosen) => axes.filter((_, bit) => (chosen >> bit) & 1));

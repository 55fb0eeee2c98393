import { flip } from '#core/augmentation/mirror.ts';
import { cutBox } from '#core/augmentation/patch.ts';
import { product } from '#core/geometry/axes.ts';
import { mirrorSubsets } from '#core/inference/mirroring.ts';
import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { NetworkOnTfjs } from './network-on-tfjs.ts';

/** Voxels that one forward pass takes at most, in whole tiles and at least one: bounds its memory. */
const voxelsPerPass = 2 ** 17;

/** One forward pass of one tile. */
interface View {
  /** First voxel, always 3 axes. */
  readonly corner: readonly number[];
  /** Axes of the tile that are flipped. */
  readonly flipped: readonly number[];
}

/** Sliding-window logits of an image (C, ...3 axes); see `Network.predict`. */
export function predict(network: NetworkOnTfjs, image: Tensor, tiles: TilePlan): Tensor {
  const { tileSize, weight } = tiles;
  const [, ...shape] = image.shape;
  const sums = new WeightedSums(network.graph.heads, shape, asVolume(tileSize));
  const views = viewsOf(shape, tiles);
  const perPass = Math.max(1, Math.floor(voxelsPerPass / product(tileSize)));
  for (let start = 0; start < views.length; start += perPass) {
    const batch = views.slice(start, start + perPass);
    const [logits] = network.forward(inputOf(image, batch, tileSize));
    if (!logits) throw new RangeError('the network has no output to predict with');
    const size = network.graph.heads * weight.length;
    batch.forEach(({ corner, flipped }, i) => {
      sums.add(corner, flip(logits.data.subarray(i * size, (i + 1) * size), tileSize, flipped), weight);
    });
  }
  return sums.means();
}

const asVolume = (extent: readonly number[]): readonly number[] => (extent.length === 2 ? [1, ...extent] : extent);

/** Every tile under every subset of the mirror axes. Each tile has equally many, so their sum weighs like their mean. */
function viewsOf(shape: readonly number[], { tileSize, starts, mirrorAxes }: TilePlan): View[] {
  const slices = Array.from({ length: shape[0] ?? 0 }, (_, slice) => slice);
  const [a = [], b = [], c = []] = tileSize.length === 2 ? [slices, ...starts] : starts;
  const corners = a.flatMap((z) => b.flatMap((y) => c.map((x) => [z, y, x])));
  const subsets = mirrorSubsets(mirrorAxes);
  return corners.flatMap((corner) => subsets.map((flipped) => ({ corner, flipped })));
}

function inputOf({ shape, data }: Tensor, views: readonly View[], tileSize: readonly number[]): Tensor {
  const [channels = 0, ...extent] = shape;
  const size = channels * product(tileSize);
  const input = new Float32Array(views.length * size);
  views.forEach(({ corner, flipped }, i) => {
    const tile = cutBox(data, channels, extent, { corner, extent: asVolume(tileSize) }, 0);
    input.set(flip(tile, tileSize, flipped), i * size);
  });
  return { shape: [views.length, channels, ...tileSize], data: input };
}

/** Weighted sums per head and voxel, and the weights that went into each voxel. */
class WeightedSums {
  readonly #heads: number;
  readonly #shape: readonly number[];
  readonly #tile: readonly number[];
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(heads: number, shape: readonly number[], tile: readonly number[]) {
    this.#heads = heads;
    this.#shape = shape;
    this.#tile = tile;
    this.#sums = new Float64Array(heads * product(shape));
    this.#weights = new Float64Array(product(shape));
  }

  /** Adds one tile's logits (heads, ...tile). */
  add(corner: readonly number[], logits: Float32Array, weight: Float32Array): void {
    const voxels = this.#weights.length;
    for (let i = 0; i < weight.length; i++) {
      const voxel = this.#voxelAt(corner, i);
      const w = weight[i] ?? 0;
      this.#weights[voxel] = (this.#weights[voxel] ?? 0) + w;
      for (let head = 0; head < this.#heads; head++) {
        const at = head * voxels + voxel;
        this.#sums[at] = (this.#sums[at] ?? 0) + w * (logits[head * weight.length + i] ?? 0);
      }
    }
  }

  means(): Tensor {
    const voxels = this.#weights.length;
    const data = Float32Array.from(this.#sums, (sum, i) => sum / (this.#weights[i % voxels] ?? 1));
    return { shape: [this.#heads, ...this.#shape], data };
  }

  #voxelAt([z = 0, y = 0, x = 0]: readonly number[], i: number): number {
    const [, height = 1, width = 1] = this.#shape;
    const [, h = 1, w = 1] = this.#tile;
    return ((z + Math.floor(i / (h * w))) * height + y + (Math.floor(i / w) % h)) * width + x + (i % w);
  }
}

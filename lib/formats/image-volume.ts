import { product, type Shape, type Spacing, shapeZyx } from '#core/geometry/axes.ts';
import { axisAlignedGeometry, type NiftiGeometry } from './nifti-geometry.ts';

/** An image file in array order, whatever its format. */
export interface ImageVolume {
  readonly channels: number;
  readonly shape: Shape<'zyx'>;
  /** mm per voxel, positive. */
  readonly spacing: Spacing<'zyx'>;
  /** (C, z, y, x) */
  readonly data: Float32Array;
  /** Along the world axes for formats that do not say where an image lies. */
  readonly geometry: NiftiGeometry;
  /** Where row y = 0 belongs when a slice is shown: pictures begin at the top, y of NIfTI grows upwards. */
  readonly firstRow: 'top' | 'bottom';
  /** The last channel is transparency. */
  readonly alpha: boolean;
  /** Worth saying, no reason to stop: a spacing that had to be assumed. */
  readonly warnings: readonly string[];
}

/** Samples as image files hold them: (page, y, x, C) in C order. */
export interface Pixels {
  readonly pages: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly alpha: boolean;
  readonly data: ArrayLike<number>;
}

/** Pages become slices, and the channels of a pixel become channels of the image. */
export function volumeOf(pixels: Pixels, spacing: Spacing<'zyx'>, warnings: readonly string[] = []): ImageVolume {
  const { channels, alpha } = pixels;
  const shape = shapeZyx(pixels.pages, pixels.height, pixels.width);
  return {
    channels,
    shape,
    spacing,
    data: channelsFirst(pixels, product(shape)),
    geometry: axisAlignedGeometry(spacing),
    firstRow: 'top',
    alpha,
    warnings,
  };
}

function channelsFirst({ data, channels }: Pixels, voxels: number): Float32Array {
  if (channels === 1 && data instanceof Float32Array) return data;
  const out = new Float32Array(channels * voxels);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < voxels; i++) out[c * voxels + i] = data[i * channels + c] ?? Number.NaN;
  return out;
}

/** Without its transparency, if that makes the number of channels `wanted`; else unchanged. */
export function withoutSurplusAlpha(volume: ImageVolume, wanted: number): ImageVolume {
  if (!volume.alpha || volume.channels !== wanted + 1) return volume;
  return { ...volume, alpha: false, channels: wanted, data: volume.data.subarray(0, wanted * product(volume.shape)) };
}

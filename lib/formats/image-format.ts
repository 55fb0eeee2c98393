// How the files of each ending are read and written. To see which images can be used, read the table.

import { product, type Shape, type Spacing } from '#core/geometry/axes.ts';
import { encodeBmp, readBmp } from './bmp.ts';
import { gunzip } from './gzip.ts';
import type { ImageVolume } from './image-volume.ts';
import { readNifti, writeNifti } from './nifti.ts';
import type { NiftiGeometry } from './nifti-geometry.ts';
import { readPng } from './png.ts';
import { formatSpacingSidecar } from './spacing-sidecar.ts';
import { readTiff } from './tiff.ts';
import { encodePng, encodeTiff } from './vips-pixels.ts';

/** Where a label map belongs: as the image it was made from was read. */
export interface LabelGrid {
  readonly shape: Shape<'zyx'>;
  readonly spacing: Spacing<'zyx'>;
  readonly geometry: NiftiGeometry;
}

/** A label map as files. */
export interface EncodedLabels {
  readonly file: Uint8Array;
  /** The JSON to lie beside it, for formats that have one. */
  readonly sidecar: string | null;
}

export interface ImageFormat {
  /** What nnU-Net calls its reader of such volumes, and of pictures, which have one slice. */
  readonly reader: { readonly volumes: string; readonly pictures: string };
  /** Further readers of nnU-Net's that give the same arrays. */
  readonly otherReaders: readonly string[];
  /** A file may hold all channels of a case, as colours. */
  readonly hasColours: boolean;
  /** A JSON file `<case>.json` may lie beside the images of a case. */
  readonly hasSidecar: boolean;
  /** @throws {BadInputError} when the bytes cannot be read. */
  read(bytes: Uint8Array, sidecar?: Uint8Array): Promise<ImageVolume>;
  /** @throws {RangeError} when the format cannot hold the labels: several slices in a picture, more than 255 in a BMP. */
  writeLabels(labels: Uint8Array | Uint16Array, grid: LabelGrid): Promise<EncodedLabels>;
}

const nifti: ImageFormat = {
  reader: { volumes: 'SimpleITKIO', pictures: 'SimpleITKIO' },
  otherReaders: ['NibabelIO'],
  hasColours: false,
  hasSidecar: false,
  read: async (bytes) => ({ ...readNifti(bytes), firstRow: 'bottom', alpha: false, warnings: [] }),
  writeLabels: async (labels, { shape, geometry }) => ({ file: writeNifti(labels, shape, geometry), sidecar: null }),
};

const uncompressedNifti: ImageFormat = {
  ...nifti,
  writeLabels: async (labels, { shape, geometry }) => ({
    file: gunzip(writeNifti(labels, shape, geometry)),
    sidecar: null,
  }),
};

const png: ImageFormat = {
  reader: { volumes: 'NaturalImage2DIO', pictures: 'NaturalImage2DIO' },
  otherReaders: [],
  hasColours: true,
  hasSidecar: false,
  read: readPng,
  writeLabels: async (labels, grid) => ({ file: await encodePng(labels, ...picture(labels, grid)), sidecar: null }),
};

const bmp: ImageFormat = {
  reader: { volumes: 'NaturalImage2DIO', pictures: 'NaturalImage2DIO' },
  otherReaders: [],
  hasColours: true,
  hasSidecar: false,
  read: async (bytes) => readBmp(bytes),
  writeLabels: async (labels, grid) => ({ file: encodeBmp(labels, ...picture(labels, grid)), sidecar: null }),
};

const tiff: ImageFormat = {
  reader: { volumes: 'Tiff3DIO', pictures: 'NaturalImage2DIO' },
  otherReaders: [],
  hasColours: true,
  hasSidecar: true,
  read: readTiff,
  writeLabels: async (labels, { shape, spacing }) => ({
    file: await encodeTiff(labels, ...filled(labels, shape)),
    sidecar: formatSpacingSidecar(spacing),
  }),
};

/** By file ending, the longer of two that fit first. */
export const IMAGE_FORMATS = {
  '.nii.gz': nifti,
  '.nii': uncompressedNifti,
  '.png': png,
  '.bmp': bmp,
  '.tiff': tiff,
  '.tif': tiff,
} as const satisfies Readonly<Record<string, ImageFormat>>;

export type ImageEnding = keyof typeof IMAGE_FORMATS;

function picture(labels: ArrayLike<number>, { shape }: LabelGrid): readonly [number, number] {
  const [slices, height, width] = filled(labels, shape);
  if (slices !== 1) throw new RangeError(`a picture has one slice, got ${slices}`);
  return [height, width];
}

function filled(labels: ArrayLike<number>, shape: Shape<'zyx'>): readonly [number, number, number] {
  if (labels.length === product(shape)) return shape;
  throw new RangeError(`shape ${shape.join(' x ')} has ${product(shape)} voxels, got ${labels.length}`);
}

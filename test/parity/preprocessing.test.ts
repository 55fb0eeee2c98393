// Golden values: nnU-Net 2.8.1, DefaultPreprocessor.run_case on real images (see shared/golden/README.md). Voxels
// within 1e-4 of the data's range where resampled, else within 1e-5 of the range; labels, boxes and locations exact.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type LabelOrRegion, labelKey } from '#core/dataset/label-or-region.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import { locationClasses } from '#core/preprocessing/foreground-locations.ts';
import { preprocessCase } from '#core/preprocessing/preprocess-case.ts';
import type { ClassLocations, PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';
import { IMAGE_FORMATS } from '#formats/image-format.ts';
import type { ImageVolume } from '#formats/image-volume.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface GoldenLocations {
  readonly count: number;
  readonly first5: number[][];
  readonly sha256_int64_C: string;
}

interface GoldenCase {
  readonly inputs: readonly string[];
  readonly label: string | null;
  readonly config: string;
  readonly plans_file: string;
  readonly data: {
    readonly shape: number[];
    readonly min: number;
    readonly max: number;
    readonly mean: number;
    readonly std: number;
  };
  readonly properties: {
    readonly spacing: number[];
    readonly shape_before_cropping: number[];
    readonly bbox_used_for_cropping: number[][];
    readonly shape_after_cropping_and_before_resampling: number[];
  };
  readonly class_locations: Readonly<Record<string, GoldenLocations>>;
}

const DATA_FOLDERS: Readonly<Record<string, { readonly images: string; readonly labels: string }>> = {
  hippocampus: { images: 'data/Task04_Hippocampus/imagesTr', labels: 'data/Task04_Hippocampus/labelsTr' },
  t2psr: { images: 'data/SpinalCord_SCT_testing/t2', labels: 'data/SpinalCord_SCT_testing/t2' },
};

const bytes = (path: string): Uint8Array => readFileSync(sharedPath(path));
const text = (path: string): string => readFileSync(sharedPath(path), 'utf8');

const read = (path: string): Promise<ImageVolume> =>
  IMAGE_FORMATS[path.endsWith('.png') ? '.png' : '.nii.gz'].read(bytes(path));

async function inputs(
  name: string,
  golden: GoldenCase,
): Promise<{ image: Image<'zyx'>; label: LabelMap<'zyx'> | null }> {
  const inGolden = 'golden/preprocessing/inputs';
  const folder = DATA_FOLDERS[name.split('_')[0] ?? ''] ?? { images: inGolden, labels: inGolden };
  // The public data hold each case as one file, without a channel number.
  const fileOf = (file: string): string => (folder.images === inGolden ? file : file.replace('_0000', ''));
  const files = await Promise.all(golden.inputs.map((file) => read(`${folder.images}/${fileOf(file)}`)));
  const [first] = files;
  if (!first) throw new Error(`${name} has no input`);
  const voxels = first.data.length;
  const data = new Float32Array(files.length * voxels);
  for (const [i, file] of files.entries()) data.set(file.data, i * voxels);
  const label = golden.label === null ? null : await read(`${folder.labels}/${golden.label}`);
  return {
    image: { channels: files.length * first.channels, shape: first.shape, spacing: first.spacing, data },
    label: label && { shape: label.shape, spacing: label.spacing, data: Int16Array.from(label.data) },
  };
}

/** The regions data set has its own dataset.json; of the others only the labels that occur in the file matter. */
const classesOf = (name: string, golden: GoldenCase): LabelOrRegion[] => {
  if (!name.startsWith('ct_regions')) return Object.keys(golden.class_locations).map(Number);
  const json = JSON.parse(text('golden/preprocessing/dataset_ct_regions.json'));
  const labels = Object.entries<LabelOrRegion>(json.labels).map(([label, value]) => ({ name: label, value }));
  return locationClasses(labelScheme({ labels, regionsClassOrder: json.regions_class_order }));
};

async function preprocessed(name: string, golden: GoldenCase): Promise<PreprocessedCase> {
  const plans = parsePlans(text(`golden/${golden.plans_file}`));
  const configuration = plans.configurations.find((candidate) => candidate.name === golden.config);
  if (!configuration) throw new Error(`${golden.plans_file} has no configuration ${golden.config}`);
  return preprocessCase(
    { caseId: name, ...(await inputs(name, golden)) },
    plans,
    configuration,
    classesOf(name, golden),
  );
}

/** Every second voxel, from the first, along spatial axes longer than 1. */
function everySecond({ shape, data }: Image<'net'>, channels: number): number[] {
  const [nz, ny, nx] = shape;
  const step = (n: number): number => (n > 1 ? 2 : 1);
  const kept: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let z = 0; z < nz; z += step(nz)) {
      for (let y = 0; y < ny; y += step(ny)) {
        for (let x = 0; x < nx; x += step(nx)) kept.push(data[((c * nz + z) * ny + y) * nx + x] ?? Number.NaN);
      }
    }
  }
  return kept;
}

function worstDifference(got: ArrayLike<number>, want: NpyArray['data']): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < want.length; i++) worst = Math.max(worst, Math.abs((got[i] ?? Number.NaN) - (want[i] ?? 0)));
  return worst;
}

function statistics(data: Float32Array): { min: number; max: number; mean: number; std: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const std = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  return { min: data.reduce((a, b) => Math.min(a, b)), max: data.reduce((a, b) => Math.max(a, b)), mean, std };
}

/** nnU-Net keeps four coordinates, the first always 0. */
function hashOf({ locations }: ClassLocations): string {
  const rows = BigInt64Array.from({ length: (locations.length / 3) * 4 }, (_, i) =>
    i % 4 === 0 ? 0n : BigInt(locations[Math.floor(i / 4) * 3 + (i % 4) - 1] ?? -1),
  );
  return createHash('sha256').update(new Uint8Array(rows.buffer)).digest('hex');
}

describeWithShared('preprocessing as nnU-Net does', 'golden/preprocessing', () => {
  const index: Record<string, GoldenCase> = JSON.parse(text('golden/preprocessing/index.json'));
  const cases = Object.entries(index);

  it('compares every case', () => {
    expect(cases).toHaveLength(21);
  });

  it.each(cases)('%s', async (name, golden) => {
    const arrays = readNpz(bytes(`golden/preprocessing/${name}.npz`));
    const { image, label, record, classLocations } = await preprocessed(name, golden);

    expect([image.channels, ...image.shape]).toEqual(golden.data.shape);
    expect(record).toEqual({
      shapeBeforeCropping: golden.properties.shape_before_cropping,
      cropBox: golden.properties.bbox_used_for_cropping,
      shapeAfterCropping: golden.properties.shape_after_cropping_and_before_resampling,
      spacingBefore: record.spacingBefore,
    });

    const range = golden.data.max - golden.data.min;
    const resampled = record.shapeAfterCropping.join() !== image.shape.join();
    const tolerance = (resampled ? 1e-4 : 1e-5) * range;
    const whole = arrays.get('data');
    const thinned = arrays.get('data_every2nd');
    if (whole) expect(worstDifference(image.data, whole.data)).toBeLessThanOrEqual(tolerance);
    if (thinned)
      expect(worstDifference(everySecond(image, image.channels), thinned.data)).toBeLessThanOrEqual(tolerance);
    const got = statistics(image.data);
    for (const key of ['min', 'max', 'mean', 'std'] as const) {
      expect(Math.abs(got[key] - golden.data[key]), key).toBeLessThanOrEqual(tolerance);
    }

    const wrongLabels = worstDifference(label.data, arrays.get('seg')?.data ?? new Int16Array(0));
    expect(wrongLabels).toBe(0);
    for (const found of classLocations) {
      const want = golden.class_locations[labelKey(found.label)];
      expect(found.locations.length / 3).toBe(want?.count);
      expect(hashOf(found), `locations of ${labelKey(found.label)}`).toBe(want?.sha256_int64_C);
    }
    expect(classLocations).toHaveLength(Object.keys(golden.class_locations).length);
  });
});

// Reads the reference data in golden/selection: six cropped cases, three artificial models, and what nnU-Net's own
// evaluation, ensembling and postprocessing made of them.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { labelScheme } from '#core/dataset/labels.ts';
import { readNifti } from '#formats/nifti.ts';
import { readNpz } from './npy.ts';
import { sharedPath } from './shared.ts';

/** Grid of every case, (z, y, x). */
export const SHAPE = [24, 32, 24] as const;
/** Background included. */
export const HEADS = 3;
export const LABELS = [1, 2] as const;
export const SCHEME = labelScheme({
  labels: ['background', 'anterior', 'posterior'].map((name, value) => ({ name, value })),
});
export const MODELS = ['2d', '3d_fullres', '3d_lowres'] as const;

const path = (file: string): string => sharedPath(`golden/selection/${file}`);

/** A JSON file, in which nnU-Net's bare NaN is read as not-a-number. */
// biome-ignore lint/suspicious/noExplicitAny: the files hold many shapes; each test names the part it reads.
export const readJson = (file: string): any => parseNanJson(readFileSync(path(file), 'utf8'));

// biome-ignore lint/suspicious/noExplicitAny: as above.
export const parseNanJson = (text: string): any =>
  JSON.parse(text.replace(/\bNaN\b/g, '"NaN"'), (_, value) => (value === 'NaN' ? Number.NaN : value));

export const caseIds = (): string[] => readJson('cases.json').cases.map((entry: { case: string }) => entry.case);

/** Labels of a NIfTI label map, (z, y, x). */
export const readLabels = (file: string): Uint8Array => Uint8Array.from(readNifti(readFileSync(path(file))).data);

export const truthOf = (caseId: string): Uint8Array => readLabels(`truth/${caseId}.nii.gz`);

/** Softmax output of one model for one case, (heads, z, y, x). */
export function probabilitiesOf(model: string, caseId: string): Float32Array {
  const array = readNpz(readFileSync(path(`models/${model}/${caseId}.npz`))).get('probabilities');
  if (!(array?.data instanceof Float32Array)) throw new TypeError(`${model}/${caseId}: expected float32 probabilities`);
  return array.data;
}

/** Arrays of `largest_component.npz`, by `<model>__<rule>__<case>`. */
export const largestComponents = () => readNpz(readFileSync(path('largest_component.npz')));

/**
 * Equal in structure and integers; numbers with a fraction within 1e-12, since NumPy adds up in another order.
 */
export function expectSameMetrics(actual: unknown, wanted: unknown, at = ''): void {
  if (typeof wanted === 'number') {
    expect(typeof actual, at).toBe('number');
    if (Number.isNaN(wanted)) expect(actual, at).toBeNaN();
    else if (Number.isInteger(wanted)) expect(actual, at).toBe(wanted);
    else expect(Math.abs(Number(actual) - wanted), at).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));
  } else if (wanted !== null && typeof wanted === 'object') {
    expect(Object.keys(Object(actual)).sort(), at).toEqual(Object.keys(wanted).sort());
    for (const [key, value] of Object.entries(wanted)) expectSameMetrics(Object(actual)[key], value, `${at}/${key}`);
  } else expect(actual, at).toBe(wanted);
}

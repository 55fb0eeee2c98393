// What a train step leaves of the cases that its fold did not train on, below `validation/`.

import type { Tensor } from '#core/network/tensor.ts';
import { decodeZarrArray } from '#formats/zarr.ts';
import type { StepOutputs } from './step-outputs.ts';

/** The label map of a case, on its raw grid. */
export const validationMapPath = (caseId: string): string => `validation/${caseId}.nii.gz`;

/** The array of a case's probabilities, (heads, z, y, x) on its raw grid. */
export const validationProbabilitiesPath = (caseId: string): string => `validation/${caseId}/probabilities`;

/** The cases of which a train step has a label map, ascending. */
export const validatedCases = (outputs: StepOutputs): string[] =>
  outputs.list('validation/').flatMap((path) => /^validation\/([^/]+)\.nii\.gz$/.exec(path)?.[1] ?? []);

/** Probabilities of a case on its raw grid, (heads, z, y, x). @throws {TypeError} when they are not float32. */
export async function validationProbabilities(outputs: StepOutputs, caseId: string): Promise<Tensor> {
  const path = validationProbabilitiesPath(caseId);
  const { shape, data } = await decodeZarrArray(path, await outputs.readFolder(path));
  if (data instanceof Float32Array) return { shape, data };
  throw new TypeError(`case ${caseId}: expected float32 probabilities, got ${data.constructor.name}`);
}

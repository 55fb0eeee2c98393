import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingCase } from '#compute/engine.ts';
import type { CaseArrays } from '#core/augmentation/patch.ts';
import { product } from '#core/geometry/axes.ts';

/** A case of smooth images and blocks of labels -1 to 2, a different one for each `index`. */
export function madeUpCase(shape: readonly [number, number, number], channels: number, index = 0): CaseArrays {
  const voxels = product(shape);
  return {
    channels,
    shape,
    image: Float32Array.from(
      { length: channels * voxels },
      (_, i) => Math.sin(0.11 * i + index) + 0.5 * Math.cos(0.0007 * i * (index + 2)),
    ),
    label: Int16Array.from({ length: voxels }, (_, i) => {
      const x = i % shape[2];
      const y = Math.floor(i / shape[2]) % shape[1];
      const z = Math.floor(i / (shape[1] * shape[2]));
      if (x < 3 || z === 0) return -1;
      return Math.floor(z / 3 + y / 5 + x / 7 + index) % 3;
    }),
    previousStage: null,
  };
}

/** Writes cases as an engine reads them: raw arrays. */
export async function writeCases(folder: string, cases: readonly CaseArrays[]): Promise<TrainingCase[]> {
  return await Promise.all(
    cases.map(async ({ shape, channels, image, label }, index) => {
      const imagePath = join(folder, `${index}.image`);
      const labelPath = join(folder, `${index}.label`);
      await writeFile(imagePath, new Uint8Array(image.buffer, image.byteOffset, image.byteLength));
      await writeFile(labelPath, new Uint8Array(label.buffer, label.byteOffset, label.byteLength));
      return { caseId: `case_${index}`, shape, channels, imagePath, labelPath };
    }),
  );
}

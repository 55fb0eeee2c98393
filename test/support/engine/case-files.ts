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

/** The same with what a previous stage may have said: labels 1 to 3 in blobs and crumbs, -1 outside. */
export function withPreviousStage(made: CaseArrays): CaseArrays {
  const [, height, width] = made.shape;
  const map = made.label.map((label, i) => {
    if (label < 0) return label;
    const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    const blob = 2 * Math.cos(0.5 * x) * Math.cos(0.4 * y) * Math.cos(0.3 * z) + 1.5 * Math.sin(0.2 * (x + y));
    const crumb = (i * 7919) % 97 === 0 ? 1.2 : 0;
    return Math.min(3, Math.max(0, Math.round(blob + crumb)));
  });
  return { ...made, previousStage: { map, labels: [1, 2, 3] } };
}

/** Writes cases as an engine reads them: raw arrays. */
export async function writeCases(folder: string, cases: readonly CaseArrays[]): Promise<TrainingCase[]> {
  return await Promise.all(
    cases.map(async ({ shape, channels, image, label, previousStage }, index) => {
      const write = async (name: string, { buffer, byteOffset, byteLength }: Float32Array | Int16Array) => {
        const path = join(folder, `${index}.${name}`);
        await writeFile(path, new Uint8Array(buffer, byteOffset, byteLength));
        return path;
      };
      return {
        caseId: `case_${index}`,
        shape,
        channels,
        imagePath: await write('image', image),
        labelPath: await write('label', label),
        previousStagePath: previousStage && (await write('previous', previousStage.map)),
      };
    }),
  );
}

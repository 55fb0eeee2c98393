import { closeSync, openSync, readSync } from 'node:fs';
import { cutPatch, type Patch } from '#core/augmentation/patch.ts';
import type { TrainingCase } from '../engine.ts';

/** Reads patches of one case from its raw files: only the slices that a patch touches. */
export class CaseReader {
  readonly #case: TrainingCase;
  readonly #previousStageLabels: readonly number[];

  constructor(trainingCase: TrainingCase, previousStageLabels: readonly number[]) {
    this.#case = trainingCase;
    this.#previousStageLabels = previousStageLabels;
  }

  /** @param extent 3 axes, or 2 for the slice at `corner[0]`. @throws {Error} naming the case, if a file is unreadable. */
  patch(corner: readonly [number, number, number], extent: readonly number[]): Patch {
    const { caseId, channels, shape, imagePath, labelPath, previousStagePath } = this.#case;
    const [slices, height, width] = shape;
    const [z, y, x] = corner;
    const depth = extent.length === 2 ? 1 : (extent[0] ?? 0);
    const low = Math.min(slices, Math.max(0, z));
    const high = Math.min(slices, Math.max(low, z + depth));
    const voxels = (high - low) * height * width;
    const image = new Float32Array(channels * voxels);
    const label = new Int16Array(voxels);
    const previousStage =
      previousStagePath === null ? null : { map: new Int16Array(voxels), labels: this.#previousStageLabels };
    try {
      const slab = { slices, low, sliceSize: height * width };
      readSlices(imagePath, image, channels, slab);
      readSlices(labelPath, label, 1, slab);
      if (previousStagePath !== null && previousStage) readSlices(previousStagePath, previousStage.map, 1, slab);
    } catch (cause) {
      throw new Error(`case ${caseId} cannot be read from this machine's disk`, { cause });
    }
    const slabShape = [high - low, height, width] as const;
    return cutPatch({ channels, shape: slabShape, image, label, previousStage }, [z - low, y, x], extent);
  }
}

interface Slab {
  /** Of the whole case. */
  readonly slices: number;
  readonly low: number;
  readonly sliceSize: number;
}

/** Fills `into` (channels, slices, ...) with the slices from `low` on of a file that holds (channels, all slices, ...). */
function readSlices(path: string, into: Float32Array | Int16Array, channels: number, slab: Slab): void {
  const perChannel = into.length / channels;
  if (perChannel === 0) return;
  const file = openSync(path, 'r');
  try {
    for (let channel = 0; channel < channels; channel++) {
      const part = into.subarray(channel * perChannel, (channel + 1) * perChannel);
      const position = (channel * slab.slices + slab.low) * slab.sliceSize * into.BYTES_PER_ELEMENT;
      readFully(file, new Uint8Array(part.buffer, part.byteOffset, part.byteLength), position);
    }
  } finally {
    closeSync(file);
  }
}

function readFully(file: number, into: Uint8Array, position: number): void {
  let done = 0;
  while (done < into.length) {
    const count = readSync(file, into, done, into.length - done, position + done);
    if (count === 0) throw new RangeError(`expected ${into.length} bytes at ${position}, the file ends after ${done}`);
    done += count;
  }
}

// Preprocessed cases unpacked on this machine's disk, so that an engine can map them and read patches only. Shared by
// the folds and attempts of a machine: an entry is named by the digest of what it was unpacked from, appears by one
// rename, and is never changed afterwards.

import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingCase } from '#compute/engine.ts';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { product } from '#core/geometry/axes.ts';
import type { ClassLocations, PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import { digestOf } from '#formats/digest.ts';
import { decodeCase } from '#formats/zarr.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';

/** A case as training needs it: arrays as files, the rest in memory. */
export interface UnpackedCase {
  readonly training: TrainingCase;
  readonly classLocations: readonly ClassLocations[];
}

export interface CaseCacheOptions {
  readonly folder: string;
  /** Entries in use count, but are never removed: a fold needs its cases, whatever the bound. */
  readonly maximumBytes: number;
  readonly clock: Clock;
}

/** An entry used this recently may belong to a fold that is just opening its cases. */
const IN_USE_MS = 60 * 60 * 1000;

const IMAGE = 'image.f32';
const LABEL = 'label.i16';
const LOCATIONS = 'locations.i32';
/** What the arrays themselves do not tell, and how long they must be. */
const FACTS = 'case.json';

interface Facts {
  readonly shape: readonly [number, number, number];
  readonly channels: number;
  /** In the order of their triples in `locations.i32`. */
  readonly classes: readonly { readonly label: LabelOrRegion; readonly voxels: number }[];
}

export class CaseCache {
  readonly #options: CaseCacheOptions;

  constructor(options: CaseCacheOptions) {
    this.#options = options;
  }

  /** A case of a preprocess step, unpacked unless it already is. Holds at most one case in memory. */
  async open(caseId: string, outputs: StepOutputs): Promise<UnpackedCase> {
    const prefix = `cases/${caseId}`;
    const entry = join(this.#options.folder, contentKey(prefix, outputs));
    const present = await readEntry(entry, caseId);
    if (present === undefined) {
      const unpacked = await decodeCase(prefix, await outputs.readFolder(prefix));
      await this.#makeRoom(unpacked.image.data.byteLength + unpacked.label.data.byteLength);
      await this.#store(entry, unpacked);
    }
    await this.#touch(entry);
    const opened = present ?? (await readEntry(entry, caseId));
    if (opened === undefined) throw new Error(`case ${caseId} was unpacked, but cannot be read back`);
    return opened;
  }

  /** Files first into a folder of another name, so that a killed process leaves no half entry. */
  async #store(entry: string, { image, label, classLocations }: PreprocessedCase): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true });
    const partial = await mkdtemp(`${entry}.partial-`);
    const facts: Facts = {
      shape: [image.shape[0], image.shape[1], image.shape[2]],
      channels: image.channels,
      classes: classLocations.map(({ label, locations }) => ({ label, voxels: locations.length / 3 })),
    };
    try {
      await writeSynced(join(partial, IMAGE), [image.data]);
      await writeSynced(join(partial, LABEL), [label.data]);
      await writeSynced(
        join(partial, LOCATIONS),
        classLocations.map(({ locations }) => locations),
      );
      await writeSynced(join(partial, FACTS), [new TextEncoder().encode(JSON.stringify(facts))]);
      await rename(partial, entry);
    } catch (error) {
      // Another process was first, and its entry is as good as ours.
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }

  async #touch(entry: string): Promise<void> {
    const now = this.#options.clock.now();
    await utimes(entry, now, now);
  }

  /** Removes what was not used for longest, entries that were never finished too, until `bytes` fit. */
  async #makeRoom(bytes: number): Promise<void> {
    const entries = await this.#entries();
    let total = entries.reduce((sum, entry) => sum + entry.bytes, bytes);
    const idleSince = this.#options.clock.now().getTime() - IN_USE_MS;
    for (const entry of entries.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.#options.maximumBytes || entry.usedMs > idleSince) return;
      // Whoever still has its files mapped keeps them.
      await rm(entry.path, { recursive: true, force: true });
      total -= entry.bytes;
    }
  }

  async #entries() {
    const names = (await orAbsent(() => readdir(this.#options.folder))) ?? [];
    return Promise.all(
      names.map(async (name) => {
        const path = join(this.#options.folder, name);
        const files = await Promise.all(
          [IMAGE, LABEL, LOCATIONS].map((file) => orAbsent(() => stat(join(path, file)))),
        );
        const bytes = files.reduce((sum, file) => sum + (file?.size ?? 0), 0);
        return { path, bytes, usedMs: (await orAbsent(() => stat(path)))?.mtimeMs ?? 0 };
      }),
    );
  }
}

/** Equal contents share an entry, whichever step made them. */
function contentKey(prefix: string, outputs: StepOutputs): string {
  const { manifest } = outputs;
  const paths = outputs.list(`${prefix}/`);
  if (paths.length === 0) throw new RangeError(`step ${manifest.step} has no ${prefix}`);
  return digestOf(paths.map((path) => [path.slice(prefix.length), manifest.outputs[path]?.sha256]));
}

/** @returns `undefined` when there is no whole entry; a damaged one is removed. */
async function readEntry(entry: string, caseId: string): Promise<UnpackedCase | undefined> {
  const text = await orAbsent(() => readFile(join(entry, FACTS), 'utf8'));
  if (text === undefined) return undefined;
  const { shape, channels, classes }: Facts = JSON.parse(text);
  const voxels = product(shape);
  const located = classes.reduce((sum, { voxels }) => sum + voxels, 0);
  const expected = { [IMAGE]: 4 * channels * voxels, [LABEL]: 2 * voxels, [LOCATIONS]: 12 * located };
  for (const [file, bytes] of Object.entries(expected)) {
    if ((await orAbsent(() => stat(join(entry, file))))?.size === bytes) continue;
    await rm(entry, { recursive: true, force: true });
    return undefined;
  }
  return {
    training: {
      caseId,
      shape,
      channels,
      imagePath: join(entry, IMAGE),
      labelPath: join(entry, LABEL),
      previousStagePath: null,
    },
    classLocations: locationsOf(classes, new Int32Array(new Uint8Array(await readFile(join(entry, LOCATIONS))).buffer)),
  };
}

function locationsOf(classes: Facts['classes'], triples: Int32Array): ClassLocations[] {
  let at = 0;
  return classes.map(({ label, voxels }) => {
    const locations = triples.subarray(at, at + 3 * voxels);
    at += 3 * voxels;
    return { label, locations };
  });
}

async function writeSynced(path: string, parts: readonly (Float32Array | Int16Array | Int32Array | Uint8Array)[]) {
  await using file = await open(path, 'wx');
  for (const part of parts) await file.writeFile(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  await file.sync();
}

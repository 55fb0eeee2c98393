// What one machine needs to carry Tasks out.

import { randomUUID } from 'node:crypto';
import { rm, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { Engine, EngineRequest } from '#compute/engine.ts';
import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { openEngine } from '#compute/open-engine.ts';
import { counted } from '#core/counted.ts';
import { createDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { faultLines, verifyDataset } from '../verify/verify-dataset.ts';
import { type Check, type Finding, fault, ok, warning } from './check.ts';
import { missingFolders, removeEmpty } from './missing-folders.ts';

const GIB = 2 ** 30;

/** Arrays, checkpoints and probabilities of a small data set. */
const LITTLE_DISK_BYTES = 10 * GIB;

/** The demo's peak, and some room. */
const LITTLE_MEMORY_BYTES = 4 * GIB;

/** What link(2) fails with where there are none; of other calls they mean something else. */
const NO_HARD_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP']);

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

/** The oldest that runs these sources as they are. */
const LEAST_NODE = 24;

export const nodeCheck = (version = process.versions.node): Check => ({
  name: 'Node.js',
  look: async () =>
    Number.parseInt(version, 10) >= LEAST_NODE
      ? ok(version)
      : fault(`version ${version}, expected at least ${LEAST_NODE}`, 'start bin/pentafold, which has its own Node.js'),
});

type Opened = AsyncDisposable & Pick<Engine, 'numerics'>;

export const engineCheck = (open: (request: EngineRequest) => Promise<Opened> = openEngine): Check => ({
  name: 'engine torch',
  look: async () => {
    try {
      await using engine = await open({ engine: 'torch', device: 'cpu', dtype: 'float32', threads: 1 });
      const { version, instructionSet } = engine.numerics;
      return ok(`${version}, ${instructionSet}`);
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      return fault(error.reason, error.remedy);
    }
  },
});

export const memoryCheck = (bytes = Math.min(totalmem(), process.constrainedMemory() || totalmem())): Check => ({
  name: 'memory',
  look: async () =>
    bytes >= LITTLE_MEMORY_BYTES
      ? ok(gib(bytes))
      : warning(gib(bytes), 'one worker at a time: spec.workers.parallel: 1; small patches and batches'),
});

/** Stores a file there as results are stored, and takes away again what it made. */
export const homeCheck = (home: string): Check => ({
  name: 'home',
  look: async () => {
    try {
      return await tried(resolve(home));
    } catch (error) {
      return fault(`${home}: ${unusable(error)}`, 'choose another --home');
    }
  },
});

async function tried(folder: string): Promise<Finding> {
  const missing = await missingFolders(folder);
  const file = join(folder, `.doctor-${randomUUID()}`);
  try {
    await createDurably(file, '');
    return await roomIn(folder);
  } finally {
    await orAbsent(() => rm(file, { force: true }));
    await removeEmpty(missing);
  }
}

async function roomIn(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return free >= LITTLE_DISK_BYTES
    ? ok(`can be written to, ${gib(free)} free`)
    : warning(`only ${gib(free)} free`, 'make room, or choose a --home on another disk');
}

function unusable(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'syscall' in error && error.syscall === 'link' && NO_HARD_LINKS.has(systemErrorCode(error))
    ? 'its file system has no hard links, by which results are stored all or nothing'
    : error.message;
}

export const datasetCheck = (folder: string): Check => ({
  name: 'data set',
  look: async () => {
    const found = await verifyDataset(new DatasetFolder(folder), () => {});
    const [first] = faultLines(found);
    return first === undefined
      ? ok(`${found.name}: ${counted(found.cases, 'case')} can be used`)
      : fault(first, `see all of it with pentafold verify ${folder}`);
  },
});

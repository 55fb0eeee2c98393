// What one machine needs to carry Tasks out.

import { randomUUID } from 'node:crypto';
import { link, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '#compute/open-engine.ts';
import { counted } from '#core/counted.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { isSound, verificationText, verifyDataset } from '../verify/verify-dataset.ts';
import { type Check, type Finding, fault, ok, warning } from './check.ts';

const GIB = 2 ** 30;

/** Arrays, checkpoints and probabilities of a small data set. */
const LITTLE_DISK_BYTES = 10 * GIB;

/** The demo's peak, and some room. */
const LITTLE_MEMORY_BYTES = 4 * GIB;

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

export const engineCheck: Check = {
  name: 'engine torch',
  look: async () => {
    await using engine = await openEngine({ engine: 'torch', device: 'cpu', dtype: 'float32', threads: 1 });
    const { version, instructionSet } = engine.numerics;
    return ok(`${version}, ${instructionSet}`);
  },
};

export const gpuCheck: Check = {
  name: 'GPU',
  look: async () => {
    try {
      await using engine = await openEngine({ engine: 'torch', device: 'cuda', dtype: 'float32', threads: 1 });
      return ok(engine.numerics.instructionSet);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return warning(reason, 'trainings run on the CPU: only small networks and short schedules are practical there');
    }
  },
};

export const processorCheck: Check = {
  name: 'processor',
  look: async () => {
    const cores = availableParallelism();
    return ok(cores === 1 ? '1 core' : `${cores} cores`);
  },
};

export const memoryCheck = (bytes = Math.min(totalmem(), process.constrainedMemory() || totalmem())): Check => ({
  name: 'memory',
  look: async () =>
    bytes >= LITTLE_MEMORY_BYTES
      ? ok(gib(bytes))
      : warning(gib(bytes), 'one worker at a time: spec.workers.parallel: 1; small patches and batches'),
});

/** Writes a file there and links it, as the home's lock and its manifests are made, and takes both away again. */
export const homeCheck = (home: string): Check => ({
  name: 'home',
  look: async () => {
    try {
      return await tried(join(home, `.doctor-${randomUUID()}`));
    } catch (error) {
      return fault(`${home}: ${unusable(error)}`, 'choose another --home');
    }
  },
});

async function tried(folder: string): Promise<Finding> {
  // The first folder that was missing: the home itself, where there is none yet.
  const made = (await mkdir(folder, { recursive: true })) ?? folder;
  try {
    await writeFile(join(folder, 'file'), '');
    await link(join(folder, 'file'), join(folder, 'link'));
    return await roomIn(folder);
  } finally {
    await rm(made, { recursive: true, force: true });
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
  if (systemErrorCode(error) === 'EPERM' || systemErrorCode(error) === 'ENOTSUP')
    return 'its file system has no hard links, by which results are stored all or nothing';
  return error instanceof Error ? error.message : String(error);
}

export const datasetCheck = (folder: string): Check => ({
  name: 'data set',
  look: async () => {
    const found = await verifyDataset(new DatasetFolder(folder), () => {});
    if (isSound(found)) return ok(`${found.name}: ${counted(found.cases, 'case')} can be used`);
    const [first = ''] = verificationText({ ...found, warnings: [] }).split('\n');
    return fault(first.replace(/^fault: /, ''), `see all of it with pentafold verify ${folder}`);
  },
});

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { type CaseFault, caseFaults, DatasetFaultError, labelWarnings } from '#core/dataset/integrity.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { CaseFiles } from './dataset-layout.ts';
import { type RawCase, readCase } from './read-case.ts';

/** A case that was read and found sound, with whatever is odd about it; or all that is wrong with it. */
export type InspectedCase =
  | { readonly kind: 'sound'; readonly raw: RawCase; readonly warnings: readonly string[] }
  | { readonly kind: 'faulty'; readonly faults: readonly CaseFault[] };

/** Reads a case and looks at every voxel. */
export async function inspectCase(
  store: Pick<ObjectStore, 'get'>,
  files: CaseFiles,
  description: DatasetDescription,
): Promise<InspectedCase> {
  const read = await readOrFaults(store, files, description);
  if ('faults' in read) return { kind: 'faulty', faults: read.faults };
  const { image, label, warnings } = read;
  const faults = caseFaults(files.caseId, image, label, description);
  if (faults.length > 0) return { kind: 'faulty', faults };
  return { kind: 'sound', raw: read, warnings: [...warnings, ...(label ? labelWarnings(label) : [])] };
}

async function readOrFaults(
  store: Pick<ObjectStore, 'get'>,
  files: CaseFiles,
  description: DatasetDescription,
): Promise<RawCase | { readonly faults: readonly CaseFault[] }> {
  try {
    return await readCase(store, files, description);
  } catch (error) {
    if (error instanceof DatasetFaultError) return { faults: error.faults };
    throw error;
  }
}

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import type { CaseFault } from '#core/dataset/integrity.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import type { CaseFiles } from '#datasets/dataset-layout.ts';
import { inspectCase } from '#datasets/inspect-case.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { SourceCase, SourceFile } from '#steps/cases.ts';
import { outputOf } from '#steps/manifest.ts';

/** A case that was read and found sound, and what is wrong with one that was not. */
export type CheckedCase =
  | {
      readonly kind: 'sound';
      readonly source: SourceCase;
      readonly image: Image<'zyx'>;
      readonly label: LabelMap<'zyx'>;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'faulty'; readonly faults: readonly CaseFault[] };

/** Reads a labelled case, notes the digest of each of its files, and looks at every voxel. */
export async function checkCase(
  raw: Pick<ObjectStore, 'get'>,
  files: CaseFiles,
  description: DatasetDescription,
): Promise<CheckedCase> {
  const digests = new DigestingSource(raw);
  const inspected = await inspectCase(digests, files, description);
  if (inspected.kind === 'faulty') return inspected;
  const { image, label } = inspected.raw;
  if (label === null || files.label === null) throw new RangeError(`case ${files.caseId} has no label to train on`);
  const sidecars = digests.othersThan([...files.images, files.label]);
  const source: SourceCase = {
    caseId: files.caseId,
    images: files.images.map((path) => digests.of(path)),
    label: digests.of(files.label),
    ...(sidecars.length > 0 ? { sidecars } : {}),
  };
  return { kind: 'sound', source, image, label, warnings: inspected.warnings };
}

/** Takes the digest of the very bytes that are read. */
class DigestingSource implements Pick<ObjectStore, 'get'> {
  readonly #raw: Pick<ObjectStore, 'get'>;
  readonly #files = new Map<string, SourceFile>();

  constructor(raw: Pick<ObjectStore, 'get'>) {
    this.#raw = raw;
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#raw.get(path);
    if (bytes !== undefined) this.#files.set(path, { path, ...outputOf(bytes) });
    return bytes;
  }

  of(path: string): SourceFile {
    const file = this.#files.get(path);
    if (file === undefined) throw new RangeError('a file of a sound case was never read');
    return file;
  }

  /** By path: several are read at once, in no order. */
  othersThan(paths: readonly string[]): SourceFile[] {
    const others = [...this.#files.values()].filter(({ path }) => !paths.includes(path));
    return others.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

import { inParallel } from '#core/in-parallel.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { Manifest } from './manifest.ts';
import { outputKey } from './step-keys.ts';
import { readVerified } from './verified-read.ts';

/** The outputs of a step that is done. */
export class StepOutputs {
  readonly manifest: Manifest;
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore, manifest: Manifest) {
    this.#objects = objects;
    this.manifest = manifest;
  }

  /** Paths that start with `prefix`, ascending. */
  list(prefix: string): string[] {
    return Object.keys(this.manifest.outputs)
      .filter((path) => path.startsWith(prefix))
      .sort();
  }

  /**
   * The verified bytes of an output.
   *
   * @throws {RangeError} when the step has no such output.
   * @throws {CorruptObjectError} when the bytes are not those that were written.
   */
  async read(path: string): Promise<Uint8Array> {
    const output = this.#output(path);
    return readVerified(this.#objects, outputKey(this.manifest.step, this.manifest.attempt, path), output);
  }

  /** As `read`; `undefined` when the step has no such output. */
  async tryRead(path: string): Promise<Uint8Array | undefined> {
    return Object.hasOwn(this.manifest.outputs, path) ? this.read(path) : undefined;
  }

  /**
   * Reads every output below `folder`, several at once, for whoever needs all of them.
   *
   * @param folder without the slash at its end.
   * @returns what gives the bytes of one by its path; `undefined` for what is not there.
   */
  async readFolder(folder: string): Promise<(path: string) => Promise<Uint8Array | undefined>> {
    const paths = this.list(`${folder}/`);
    const entries = new Map(await inParallel(paths, async (path) => [path, await this.read(path)] as const));
    return async (path) => entries.get(path);
  }

  /** An output as text. */
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path));
  }

  #output(path: string) {
    const output = Object.hasOwn(this.manifest.outputs, path) ? this.manifest.outputs[path] : undefined;
    if (output === undefined) throw new RangeError(`step ${this.manifest.step} has no output ${path}`);
    return output;
  }
}

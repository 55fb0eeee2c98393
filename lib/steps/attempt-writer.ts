import { encodeJson } from '#formats/indented-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { type Manifest, manifestSchema, type Output, outputOf } from './manifest.ts';
import type { Json } from './step.ts';
import type { StepFailure } from './step-failure.ts';
import { failureKey, manifestKey, outputKey } from './step-keys.ts';
import { readJson } from './verified-read.ts';

/** Writes what one attempt at a step makes: outputs first, the manifest last. One writer per attempt. */
export class AttemptWriter {
  readonly step: string;
  readonly attempt: number;
  readonly #objects: ObjectStore;
  readonly #outputs = new Map<string, Output>();

  constructor(objects: ObjectStore, step: string, attempt: number) {
    this.#objects = objects;
    this.step = step;
    this.attempt = attempt;
  }

  /** Stores an output under the attempt; a second write of a path replaces the first. Resolves when it is durable. */
  async write(path: string, bytes: Uint8Array): Promise<Output> {
    const output = outputOf(bytes);
    await this.#objects.put(outputKey(this.step, this.attempt, path), bytes);
    this.#outputs.set(path, output);
    return output;
  }

  /** As `write`, of text in UTF-8. */
  async writeText(path: string, text: string): Promise<Output> {
    return this.write(path, new TextEncoder().encode(text));
  }

  /**
   * Makes the step done with this attempt's outputs, unless another attempt was first.
   *
   * @returns `won` also when this very attempt had committed before; `lost` when the outputs of another one stand.
   */
  async commit(result: Json): Promise<'won' | 'lost'> {
    const manifest: Manifest = {
      step: this.step,
      attempt: this.attempt,
      outputs: Object.fromEntries([...this.#outputs].sort(([a], [b]) => (a < b ? -1 : 1))),
      result,
    };
    if (await this.#objects.putIfAbsent(manifestKey(this.step), encodeJson(manifest))) return 'won';
    const standing = await readJson(this.#objects, manifestKey(this.step), manifestSchema);
    return standing?.attempt === this.attempt ? 'won' : 'lost';
  }

  /** Leaves behind why the attempt failed. */
  async fail(failure: StepFailure): Promise<void> {
    await this.#objects.put(failureKey(this.step, this.attempt), encodeJson(failure));
  }
}

import * as z from 'zod';
import { PentafoldError } from '#core/errors.ts';
import { sha256 } from '#formats/digest.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { type Manifest, manifestSchema, type Output } from './manifest.ts';
import type { Json } from './step.ts';
import { failureKey, manifestKey, outputKey } from './step-keys.ts';
import { readJson } from './verified-read.ts';

/** Why an attempt failed, for the Task's condition. */
export interface StepFailure {
  /** Stable, upper snake case: a `PentafoldError`'s code or `INTERNAL`. */
  readonly code: string;
  /** For people; no patient data. */
  readonly message: string;
}

/** What is left behind of an error. */
export function failureOf(error: unknown): StepFailure {
  if (error instanceof PentafoldError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** A failure, as JSON on disk. */
export const failureSchema: z.ZodType<StepFailure> = z.object({ code: z.string(), message: z.string() });

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
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const output = { sha256: sha256(bytes), bytes: bytes.length };
    await this.#objects.put(outputKey(this.step, this.attempt, path), bytes);
    this.#outputs.set(path, output);
  }

  /** As `write`, of text in UTF-8. */
  async writeText(path: string, text: string): Promise<void> {
    await this.write(path, new TextEncoder().encode(text));
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

/** JSON as it is stored: indented, since people read these files when something is wrong. */
export const encodeJson = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

import { inParallel } from '#core/in-parallel.ts';
import { encodeJson } from '#formats/indented-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { AttemptWriter } from './attempt-writer.ts';
import {
  type Checkpoint,
  latestCheckpoint,
  removeCheckpoints,
  type StoredCheckpoint,
  saveCheckpoint,
} from './checkpoints.ts';
import { CorruptObjectError } from './corrupt-object-error.ts';
import { type MakePart, makePart, type PartName, removeParts, takeOverPart } from './finished-parts.ts';
import { type Manifest, manifestSchema } from './manifest.ts';
import { type Json, type StepDescription, stepDescriptionSchema, stepDigest } from './step.ts';
import { failureSchema, type StepFailure } from './step-failure.ts';
import {
  attemptPrefix,
  begunPrefix,
  checkpointPrefix,
  descriptionKey,
  failureKey,
  manifestKey,
  stepPrefix,
} from './step-keys.ts';
import { StepOutputs } from './step-outputs.ts';
import { readJson } from './verified-read.ts';

/** Steps, their attempts and their outputs in an object store. Everything read is verified. */
export class StepStore {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** Stores what a worker needs to carry the step out. Doing it again is harmless. @returns the step's digest. */
  async describe(description: StepDescription): Promise<string> {
    const step = stepDigest(description.identity);
    await this.#objects.put(descriptionKey(step), encodeJson(description));
    return step;
  }

  /** @throws {CorruptObjectError} when the step was never described or its identity has another digest. */
  async description(step: string): Promise<StepDescription> {
    const key = descriptionKey(step);
    const description = await readJson(this.#objects, key, stepDescriptionSchema);
    if (description === undefined) throw new CorruptObjectError(key, 'a step description', 'no object');
    const digest = stepDigest(description.identity);
    if (digest !== step) throw new CorruptObjectError(key, `an identity with digest ${step}`, digest);
    return description;
  }

  /** @returns `undefined` while the step is not done. */
  async manifest(step: string): Promise<Manifest | undefined> {
    const key = manifestKey(step);
    const manifest = await readJson(this.#objects, key, manifestSchema);
    if (manifest !== undefined && manifest.step !== step) {
      throw new CorruptObjectError(key, `the manifest of ${step}`, `that of ${manifest.step}`);
    }
    return manifest;
  }

  /** @throws {RangeError} while the step is not done. */
  async outputs(step: string): Promise<StepOutputs> {
    const manifest = await this.manifest(step);
    if (manifest === undefined) throw new RangeError(`step ${step} is not done: it has no manifest`);
    return new StepOutputs(this.#objects, manifest);
  }

  /** Makes a step not done: for one whose outputs are damaged. Its next attempt may commit again. */
  async withdraw(step: string): Promise<void> {
    await this.#objects.delete(manifestKey(step));
  }

  /** Removes all that is stored of a step, the manifest first: from then on it is not done. Absent is fine. */
  async remove(step: string): Promise<void> {
    await this.withdraw(step);
    await inParallel(await this.#objects.list(stepPrefix(step)), (key) => this.#objects.delete(key));
  }

  /** Numbers of the attempts that began, ascending. */
  async attempts(step: string): Promise<number[]> {
    const keys = await this.#objects.list(begunPrefix(step));
    const numbers = keys.map((key) => Number(key.slice(begunPrefix(step).length)));
    // What others put there is no attempt.
    return numbers.filter((number) => Number.isSafeInteger(number) && number >= 1).sort((a, b) => a - b);
  }

  /** Marks an attempt as begun, durably, so that its number is not given again. Marked before is fine. */
  async begin(step: string, attempt: number): Promise<void> {
    attemptPrefix(step, attempt);
    await this.#objects.putIfAbsent(`${begunPrefix(step)}${attempt}`, new Uint8Array());
  }

  /** When an attempt began; `undefined` for one that did not. */
  async begunAt(step: string, attempt: number): Promise<Date | undefined> {
    return (await this.#objects.head(`${begunPrefix(step)}${attempt}`))?.modified;
  }

  /** Writes for an attempt; make one per attempt. */
  attempt(step: string, attempt: number): AttemptWriter {
    return new AttemptWriter(this.#objects, step, attempt);
  }

  /** Why an attempt failed, or `undefined` when it left nothing behind. */
  async failure(step: string, attempt: number): Promise<StepFailure | undefined> {
    return readJson(this.#objects, failureKey(step, attempt), failureSchema);
  }

  /** Stores a checkpoint, then removes the attempt's older ones. */
  async saveCheckpoint(step: string, attempt: number, checkpoint: Checkpoint): Promise<void> {
    await saveCheckpoint(this.#objects, step, attempt, checkpoint);
  }

  /**
   * The newest whole checkpoint of any attempt.
   * @param skipped is told of each damaged one that was passed over.
   */
  async latestCheckpoint(
    step: string,
    skipped: (error: CorruptObjectError) => void = () => {},
  ): Promise<StoredCheckpoint | undefined> {
    return latestCheckpoint(this.#objects, step, await this.attempts(step), skipped);
  }

  /**
   * Takes a part over from an earlier attempt that made it from the same, else makes it and remembers it for a later one.
   * @param skipped is told of each damaged one that was passed over.
   * @returns the facts of the part.
   */
  async part(
    output: AttemptWriter,
    part: PartName,
    make: MakePart,
    skipped: (error: CorruptObjectError) => void = () => {},
  ): Promise<Json> {
    const earlier = (await this.attempts(output.step)).filter((attempt) => attempt < output.attempt);
    const taken = await takeOverPart(this.#objects, earlier, part, output, skipped);
    return taken === undefined ? makePart(this.#objects, part, output, make) : taken;
  }

  /** Whether any attempt left a checkpoint, whole or not. */
  async hasCheckpoint(step: string): Promise<boolean> {
    for (const attempt of await this.attempts(step)) {
      if ((await this.#objects.list(checkpointPrefix(step, attempt))).length > 0) return true;
    }
    return false;
  }

  /** Removes checkpoints of attempts, and what they said of their parts: for a step that is done. */
  async removeInterim(step: string, attempts: readonly number[]): Promise<void> {
    for (const attempt of attempts) {
      await removeCheckpoints(this.#objects, step, attempt, null);
      await removeParts(this.#objects, step, attempt);
    }
  }
}

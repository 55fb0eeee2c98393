// What a step's handler is given, and what it gives back.

import type { MessageBus } from '#platform/bus/message-bus.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import type { Checkpoint, StoredCheckpoint } from './checkpoints.ts';
import type { MakePart } from './finished-parts.ts';
import type { Json, StepDescription, StepKind } from './step.ts';
import type { StepOutputs } from './step-outputs.ts';
import type { StepStore } from './step-store.ts';

/** Whether the step is to end early. Goes from `none` to `checkpoint` to `now`, never back. */
export interface StopRequest {
  /** `checkpoint`: save, then end. `now`: nobody waits for the handler any more. */
  readonly requested: 'none' | 'checkpoint' | 'now';
  /** Aborts when `requested` leaves `none`. */
  readonly signal: AbortSignal;
}

/** Everything a handler needs of the world. */
export interface StepContext {
  /** Digest of the step. */
  readonly step: string;
  readonly attempt: number;
  readonly description: StepDescription;
  /**
   * Outputs of the input called `name` in the description.
   *
   * @throws {RangeError} when the step has no such input.
   * @throws {CorruptObjectError} when they are not those that the step's identity names.
   */
  inputs(name: string): Promise<StepOutputs>;
  /** Where outputs go. The program commits: a handler only writes. */
  readonly output: AttemptWriter;
  readonly store: StepStore;
  /** The folder at a data set's URI. */
  datasets(uri: string): ObjectStore;
  readonly bus: MessageBus;
  /** Tells the controller, at its next question, what is done and how far. `done` and `total` in units of your choice. */
  progress(activity: string, done: number, total: number): void;
  /** Stores a checkpoint of this attempt. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** The newest whole checkpoint of any attempt at this step; a damaged one is passed over with a warning. */
  latestCheckpoint(): Promise<StoredCheckpoint | undefined>;
  /**
   * Has the outputs of a part of the step written: taken over from an earlier attempt that made it from the same, else
   * made and remembered for a later one.
   *
   * @param name unique in the step.
   * @param madeFrom digest of what `make` works from and the step's identity does not tell, such as weights.
   * @returns what `make` returned, here or there.
   */
  part(name: string, madeFrom: string, make: MakePart): Promise<Json>;
  readonly stop: StopRequest;
  /** A folder of this attempt's own; gone afterwards. */
  readonly scratch: string;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * How a handler ended: `done`, all outputs written, with the manifest's `result` (`results.ts`); `yielded`, because it was
 * asked to stop, after a checkpoint if it keeps any.
 */
export type StepOutcome = { readonly kind: 'done'; readonly result: Json } | { readonly kind: 'yielded' };

/** Carries out one kind of step. What it throws ends the attempt; a `BadInputError` ends the Task. */
export type StepHandler = (context: StepContext) => Promise<StepOutcome>;

/** The kinds a program can carry out. */
export type StepHandlers = Readonly<Partial<Record<StepKind, StepHandler>>>;

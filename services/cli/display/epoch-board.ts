import * as z from 'zod';
import type { BusMessage } from '#platform/bus/message-bus.ts';
import { parseMetricsSubject, trainingKey } from '#steps/step-names.ts';

/** The last epoch of a fold, as far as its worker said. */
export interface LastEpoch {
  /** Digest of the step, where the worker says it. */
  readonly step?: string | undefined;
  readonly attempt: number;
  /** From 0. */
  readonly epoch: number;
  readonly trainLoss: number | null;
  /** Of this epoch, over the classes that have one. */
  readonly meanPseudoDice: number | null;
}

const lastEpoch: z.ZodType<LastEpoch> = z.object({
  step: z.string().optional(),
  attempt: z.int(),
  epoch: z.int(),
  trainLoss: z.number().nullable(),
  meanPseudoDice: z.number().nullable(),
});

/** Keeps the newest epoch of each fold from the metrics on the bus, which may come late, twice, or from old attempts. */
export class EpochBoard {
  readonly #last = new Map<string, LastEpoch>();

  /** Takes a message on the metrics of one Task; what cannot be read is passed over. */
  note({ subject, body }: BusMessage): void {
    const parsed = lastEpoch.safeParse(body);
    const source = parseMetricsSubject(subject);
    if (!parsed.success || source === null) return;
    const key = trainingKey(source.configuration, source.fold);
    const before = this.#last.get(key);
    if (before === undefined || isNewer(parsed.data, before)) this.#last.set(key, parsed.data);
  }

  /**
   * @param key of a training step; see `trainingKey`.
   * @param step its digest: an epoch of the same fold under another spec is not its own.
   */
  of(key: string, step: string | null): LastEpoch | undefined {
    const last = this.#last.get(key);
    return last?.step === undefined || last.step === step ? last : undefined;
  }
}

const isNewer = (a: LastEpoch, b: LastEpoch): boolean =>
  a.step !== b.step || a.attempt > b.attempt || (a.attempt === b.attempt && a.epoch >= b.epoch);

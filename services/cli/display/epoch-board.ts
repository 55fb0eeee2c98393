import type { BusMessage } from '#platform/bus/message-bus.ts';
import { type EpochMessage, epochMessage, latestEpoch, newestOfEachEpoch } from '#steps/epoch-message.ts';
import { parseMetricsSubject, trainingKey } from '#steps/step-names.ts';

/** The epochs of one training. */
export interface Curve {
  /** Of the training step; see `trainingKey`. */
  readonly key: string;
  /** Digest of the step. */
  readonly step: string;
  /** In their order, at least one. */
  readonly epochs: readonly EpochMessage[];
}

/** Keeps what the folds of one Task said on the bus of their epochs. */
export class EpochBoard {
  readonly #heard = new Map<string, EpochMessage[]>();

  /** Takes a message on the metrics of one Task; what cannot be read is passed over. */
  note({ subject, body }: BusMessage): void {
    const parsed = epochMessage.safeParse(body);
    const source = parseMetricsSubject(subject);
    if (!parsed.success || source === null) return;
    const key = trainingKey(source.configuration, source.fold);
    const heard = this.#heard.get(key) ?? [];
    heard.push(parsed.data);
    this.#heard.set(key, heard);
  }

  /**
   * The epoch that a fold has come to.
   *
   * @param key of a training step; see `trainingKey`.
   * @param step its digest: an epoch of the same fold under another spec is not its own.
   */
  of(key: string, step: string | null): EpochMessage | undefined {
    return latestEpoch((this.#heard.get(key) ?? []).filter((message) => message.step === step));
  }

  /** Of each fold the training that was heard of last, by key. */
  curves(): Curve[] {
    return [...this.#heard]
      .map(([key, messages]) => {
        const step = messages.at(-1)?.step ?? '';
        return { key, step, epochs: newestOfEachEpoch(messages.filter((message) => message.step === step)) };
      })
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

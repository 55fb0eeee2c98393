import type { BusMessage } from '#platform/bus/message-bus.ts';
import { type EpochMessage, epochMessage, latestEpoch } from '#steps/epoch-message.ts';
import { parseMetricsSubject, trainingKey } from '#steps/step-names.ts';

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
}

import type { EventsV1Event } from '@kubernetes/client-node';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import { EventLedger, LEDGER_LIMITS, type RecordedEvent } from './event-ledger.ts';
import type { KubeClient } from './kube-client.ts';
import type { Resource, Stored } from './kube-object.ts';
import { microTime } from './micro-time.ts';
import type { PolicyRule } from './policy-rule.ts';

export const EVENTS: Resource<Stored<EventsV1Event>> = {
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
};

/** What a recorder may do in the namespaces of the objects it tells of. */
export const EVENT_RECORDER_RULES: readonly PolicyRule[] = [
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'merge'>;
  /** Which program: `pentafold.io/controller`. */
  readonly controller: string;
  /** Which process of it, at most 128 characters. */
  readonly instance: string;
  readonly clock: Clock;
  /** A short random text for each event's name. */
  readonly newSuffix: () => string;
  readonly log: Logger;
}

/** So many events may wait for the API server; further ones are dropped. */
const LONGEST_QUEUE = 100;

/**
 * Tells people what happens to an object, as `kubectl describe` shows it.
 *
 * Nothing depends on events: recording never waits and never throws, and what cannot be written is dropped with a line in
 * the log.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #ledger = new EventLedger();
  /** Name and namespace of the event that began a series, once it is written. */
  readonly #written = new Map<number, { readonly namespace: string; readonly name: string }>();
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(event: RecordedEvent): void {
    const entry = this.#ledger.record(event, this.#options.clock.now().getTime());
    if (entry.kind === 'nothing') return;
    const time = microTime(this.#options.clock.now());
    if (entry.kind === 'new') this.#enqueue(() => this.#begin(entry.series, entry.event, time));
    else this.#enqueue(() => this.#goOn(entry.series, entry.count, time));
  }

  /** Resolves when everything recorded so far is written or dropped. */
  flushed(): Promise<void> {
    return this.#tail;
  }

  /** One at a time, in order: a series is begun before it goes on. */
  #enqueue(write: () => Promise<unknown>): void {
    if (this.#waiting >= LONGEST_QUEUE) {
      this.#options.log.warn({}, 'event dropped');
      return;
    }
    this.#waiting += 1;
    this.#tail = this.#tail
      .then(write)
      .catch((err) => this.#options.log.warn({ err }, 'event not written'))
      .then(() => {
        this.#waiting -= 1;
      });
  }

  async #begin(series: number, { regarding, type, reason, action, note }: RecordedEvent, time: string): Promise<void> {
    const { client, controller, instance, newSuffix } = this.#options;
    const { namespace } = regarding;
    // Room for the suffix within the 253 characters that a name may have.
    const name = `${regarding.name.slice(0, 200)}.${newSuffix()}`;
    await client.create(EVENTS, {
      apiVersion: EVENTS.apiVersion,
      kind: EVENTS.kind,
      metadata: { name, namespace },
      eventTime: time,
      reportingController: controller,
      reportingInstance: instance,
      regarding,
      type,
      reason,
      action,
      note,
    });
    this.#written.set(series, { namespace, name });
    const [oldest] = this.#written.keys();
    if (this.#written.size > LEDGER_LIMITS.series && oldest !== undefined) this.#written.delete(oldest);
  }

  async #goOn(series: number, count: number, time: string): Promise<void> {
    const ref = this.#written.get(series);
    if (ref !== undefined) await this.#options.client.merge(EVENTS, ref, { series: { count, lastObservedTime: time } });
  }
}

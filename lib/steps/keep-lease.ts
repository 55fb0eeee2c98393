import type { Clock } from '#platform/clock/clock.ts';
import type { ControllerLink, SynchronizeRequest } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { TemporaryCredentials } from '#platform/objects/handed-over-credentials.ts';
import type { StopSwitch } from './stop-switch.ts';

/** Until the controller has said otherwise. */
const INITIAL = { leaseSeconds: 300, intervalSeconds: 15 };

/** A controller that says less is asked no more often. */
const SHORTEST_INTERVAL_SECONDS = 1;

/** A question that took longer was not heard because this process was busy, not because nobody answered. */
const LONGEST_ANSWER_SECONDS = 10;

/** A running step as the controller sees it. */
export interface Lease {
  readonly link: ControllerLink;
  readonly clock: Clock;
  readonly log: Logger;
  /** What to tell the controller now. */
  readonly state: () => SynchronizeRequest;
  readonly stop: StopSwitch;
  /** Called with credentials for the object store, whenever the controller hands some over. */
  readonly handedOver: (credentials: TemporaryCredentials) => void;
  /** Called once, when the controller answered for the first time or did not. */
  readonly introduced: () => void;
}

/**
 * Asks the controller at every interval what to do, and passes it on to the stop switch, until `ended` aborts.
 *
 * Without an answer the step goes on until its lease has ended twice; then it is to checkpoint and end, since by then
 * another attempt may have begun. While a long computation keeps this process from asking and from hearing, the silence
 * is its own and is not counted: no more than an interval and a call for each question.
 */
export async function keepLease(lease: Lease, ended: AbortSignal): Promise<void> {
  let { leaseSeconds, intervalSeconds } = INITIAL;
  let silentSeconds = 0;
  let since = lease.clock.monotonicMs();
  while (!ended.aborted) {
    try {
      const response = await lease.link.synchronize(lease.state());
      if (response.credentials !== null) lease.handedOver(response.credentials);
      if (response.instruction === 'yield') lease.stop.request('checkpoint');
      if (response.instruction === 'stop') lease.stop.request('now');
      ({ leaseSeconds, intervalSeconds } = response);
      silentSeconds = 0;
      since = lease.clock.monotonicMs();
    } catch (err) {
      if (ended.aborted) return;
      const now = lease.clock.monotonicMs();
      const passedSeconds = (now - since) / 1000;
      silentSeconds += Math.min(passedSeconds, intervalSeconds + LONGEST_ANSWER_SECONDS);
      since = now;
      lease.log.warn({ err, silentSeconds }, 'controller did not answer');
      if (silentSeconds >= 2 * leaseSeconds) lease.stop.request('checkpoint');
    } finally {
      lease.introduced();
    }
    await lease.clock.sleep(Math.max(intervalSeconds, SHORTEST_INTERVAL_SECONDS) * 1000, ended);
  }
}

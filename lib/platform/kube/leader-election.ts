import type { V1Lease } from '@kubernetes/client-node';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import { isConflict } from './kube-api-error.ts';
import type { KubeClient } from './kube-client.ts';
import { type Desired, LEASES, type ObjectRef, type Stored } from './kube-object.ts';
import { claimOn, type LeaseState, type SeenLease, seen } from './lease-claim.ts';
import { microTime } from './micro-time.ts';
import type { PolicyRule } from './policy-rule.ts';
import { type Moment, moment, type Stopwatch, Term } from './term.ts';

type Lease = Stored<V1Lease>;

export interface LeaderElectionOptions {
  /** Its timeout should be well below `renewSeconds`. */
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly lease: ObjectRef & { readonly namespace: string };
  /** Of this process, different from every other's, also from an earlier one's of the same pod. */
  readonly identity: string;
  /** How long a leader that is not heard of is waited for. */
  readonly leaseSeconds: number;
  /** How often the leader renews, and how often others look. */
  readonly renewSeconds: number;
  /** How long before the end of its Lease a leader stops writing: for clocks that run unevenly, and for writes on their way. */
  readonly safetySeconds: number;
  readonly clock: Clock;
  /** Milliseconds by a clock that never goes back and is never set, such as `performance.now`. */
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/** What an election may do in the namespace of its Lease. */
export const LEADER_ELECTION_RULES: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
];

/** Lets one of several processes lead, by a Lease. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #stopwatch: Stopwatch;
  #seen: SeenLease | undefined;
  /** The Lease as last read or written. */
  #lease: Lease | undefined;
  /** When that was. */
  #heardMs = Number.NEGATIVE_INFINITY;

  /** @throws {RangeError} when a leader would have no time to renew. */
  constructor(options: LeaderElectionOptions) {
    const { leaseSeconds, renewSeconds, safetySeconds } = options;
    if (!(2 * renewSeconds + safetySeconds < leaseSeconds)) {
      throw new RangeError(
        `a Lease of ${leaseSeconds} s leaves no time for two renewals every ${renewSeconds} s and ${safetySeconds} s of safety`,
      );
    }
    this.#options = options;
    this.#stopwatch = { now: () => options.clock.now(), monotonicMs: options.monotonicMs };
  }

  /** How long ago the API server last answered about the Lease, in milliseconds; infinite before its first answer. */
  get silentMs(): number {
    return this.#options.monotonicMs() - this.#heardMs;
  }

  /**
   * Waits for the lead and calls `lead` with the term, again and again until the signal aborts.
   *
   * The Lease is renewed until what `lead` returned settles, also after the signal: there is time to end well. Then it
   * is given back, so that a successor need not wait. A term that was lost ends by its own signal, and `lead` should end.
   *
   * @throws what `lead` throws.
   */
  async run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, renewSeconds, log, identity } = this.#options;
    while (!signal.aborted) {
      const term = await this.#tryToTake();
      if (term === undefined) {
        await clock.sleep(renewSeconds * 1000, signal);
        continue;
      }
      log.info({ identity, term: term.number }, 'leading');
      await this.#serve(term, lead);
    }
  }

  async #serve(term: Term, lead: (term: Term) => Promise<void>): Promise<void> {
    const done = new AbortController();
    const upkeep = Promise.all([this.#keep(term, done.signal), this.#endInTime(term, done.signal)]);
    try {
      await lead(term);
    } finally {
      done.abort();
      await upkeep;
      const inTime = term.remainingMs > 0;
      term.end();
      this.#options.log.info({ term: term.number, inTime }, 'no longer leading');
      if (inTime) await this.#giveBack();
    }
  }

  async #tryToTake(): Promise<Term | undefined> {
    const { monotonicMs, leaseSeconds, safetySeconds, log } = this.#options;
    try {
      await this.#read();
      this.#seen = this.#lease && seen(stateOf(this.#lease), this.#seen, monotonicMs());
      const claim = claimOn(this.#seen, monotonicMs());
      if (claim.kind === 'wait') return undefined;
      const sent = moment(this.#stopwatch);
      await this.#write(this.#desired(claim.transitions, sent));
      return new Term(claim.transitions, this.#stopwatch, sent, (leaseSeconds - safetySeconds) * 1000);
    } catch (err) {
      if (!isConflict(err)) log.warn({ err }, 'lease out of reach');
      return undefined;
    }
  }

  async #keep(term: Term, done: AbortSignal): Promise<void> {
    const { clock, renewSeconds, log } = this.#options;
    const signal = AbortSignal.any([done, term.signal]);
    for (;;) {
      await clock.sleep(renewSeconds * 1000, signal);
      if (signal.aborted) return;
      try {
        await this.#renew(term);
      } catch (err) {
        log.warn({ err, remainingMs: term.remainingMs }, 'lease not renewed');
      }
    }
  }

  async #renew(term: Term): Promise<void> {
    const sent = moment(this.#stopwatch);
    try {
      await this.#write(this.#desired(term.number, sent));
      term.renewed(sent);
    } catch (error) {
      if (!isConflict(error)) throw error;
      // A renewal of ours may have arrived though its answer did not; or somebody else leads.
      await this.#read();
      if (!this.#isOurs(term)) term.end();
    }
  }

  #isOurs(term: Term): boolean {
    if (this.#lease === undefined) return false;
    const { holder, transitions } = stateOf(this.#lease);
    return holder === this.#options.identity && transitions === term.number;
  }

  async #endInTime(term: Term, done: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([done, term.signal]);
    while (!signal.aborted) {
      const { remainingMs } = term;
      if (remainingMs === 0) term.end();
      // The wall clock may be set meanwhile, which no timer hears of: look at least once per renewal.
      else await this.#options.clock.sleep(Math.min(remainingMs, this.#options.renewSeconds * 1000), signal);
    }
  }

  async #giveBack(): Promise<void> {
    try {
      const { metadata, spec } = this.#lease ?? {};
      if (metadata === undefined || spec === undefined) return;
      await this.#options.client.replace(LEASES, { ...LEASE, metadata, spec: { ...spec, holderIdentity: '' } });
    } catch (err) {
      this.#options.log.warn({ err }, 'lease not given back; it ends by itself');
    }
  }

  async #read(): Promise<void> {
    const { client, lease } = this.#options;
    this.#heard(await client.get(LEASES, lease));
  }

  async #write(lease: Desired<Lease>): Promise<void> {
    const { client } = this.#options;
    this.#heard(await (this.#lease === undefined ? client.create(LEASES, lease) : client.replace(LEASES, lease)));
  }

  #heard(lease: Lease | undefined): void {
    this.#lease = lease;
    this.#heardMs = this.#options.monotonicMs();
  }

  #desired(transitions: number, { wallMs }: Moment): Desired<Lease> {
    const { lease, identity, leaseSeconds } = this.#options;
    const before = this.#lease?.spec;
    const now = microTime(new Date(wallMs));
    const goesOn = before?.holderIdentity === identity && before.leaseTransitions === transitions;
    return {
      ...LEASE,
      metadata: this.#lease?.metadata ?? lease,
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: leaseSeconds,
        acquireTime: goesOn && before.acquireTime !== undefined ? before.acquireTime : now,
        renewTime: now,
        leaseTransitions: transitions,
      },
    };
  }
}

const LEASE = { apiVersion: LEASES.apiVersion, kind: LEASES.kind };

const stateOf = ({ spec }: Pick<Lease, 'spec'>): LeaseState => ({
  holder: spec?.holderIdentity ?? '',
  durationSeconds: spec?.leaseDurationSeconds ?? 0,
  renewTime: spec?.renewTime ?? '',
  transitions: spec?.leaseTransitions ?? 0,
});

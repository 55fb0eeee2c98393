// What to do about a Lease as it is read. Pure: whoever asks carries it out.
//
// Two machines' clocks are never compared. A candidate waits until it has itself seen the Lease unchanged for as long as
// the Lease is granted, by its own clock; the leader counts from before it sent its renewal. So the leader stops first,
// however wrong either clock is, as long as both run at about the same rate.

/** The part of a Lease's spec that matters. */
export interface LeaseState {
  /** Who leads; empty: nobody, it was given back. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** As its holder wrote it; only whether it changes has a meaning. */
  readonly renewTime: string;
  /** How often it has changed hands: the number of the term. */
  readonly transitions: number;
}

/** A state with when it was first seen, by a clock of this machine that never goes back. */
export interface SeenLease {
  readonly state: LeaseState;
  readonly sinceMs: number;
}

/** What was read, dated: a state that was seen before keeps its date. */
export function seen(state: LeaseState, before: SeenLease | undefined, nowMs: number): SeenLease {
  const same = before !== undefined && isSame(before.state, state);
  return { state, sinceMs: same ? before.sinceMs : nowMs };
}

const isSame = (a: LeaseState, b: LeaseState): boolean =>
  a.holder === b.holder && a.renewTime === b.renewTime && a.transitions === b.transitions;

export type Claim =
  /** Write it with our name and this number. */
  { readonly kind: 'take'; readonly transitions: number } | { readonly kind: 'wait' };

/**
 * Whether to take the lead.
 *
 * Also a Lease in our own name is waited for: another process may have been started with it, or we lost it while a write
 * of ours was on its way.
 *
 * @param lease `undefined`: there is none yet.
 */
export function claimOn(lease: SeenLease | undefined, nowMs: number): Claim {
  if (lease === undefined) return { kind: 'take', transitions: 0 };
  const { state, sinceMs } = lease;
  if (state.holder !== '' && nowMs < sinceMs + state.durationSeconds * 1000) return { kind: 'wait' };
  return { kind: 'take', transitions: state.transitions + 1 };
}

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { MemoryLeases } from '#test/memory-leases.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { LeaderElection } from './leader-election.ts';
import type { Term } from './term.ts';

/** A process that wants to lead, on a machine with a clock of its own. */
function aCandidate(leases: MemoryLeases, identity: string, start = '2026-01-01T00:00:00Z') {
  const clock = new ManualClock(new Date(start));
  const { line, client } = leases.client();
  const log = new RecordingLogger();
  const terms: Term[] = [];
  const ending = new AbortController();
  const election = new LeaderElection({
    client,
    lease: { namespace: 'pentafold', name: 'controller' },
    identity,
    leaseSeconds: 15,
    renewSeconds: 3,
    safetySeconds: 3,
    clock,
    monotonicMs: () => clock.now().getTime(),
    log,
  });
  const lead = (term: Term): Promise<void> => {
    terms.push(term);
    return new Promise((resolve) => {
      for (const signal of [term.signal, ending.signal]) signal.addEventListener('abort', () => resolve());
    });
  };
  const run = election.run(lead, ending.signal);
  const leads = () => terms.some((term) => term.remainingMs > 0);
  return { identity, election, clock, line, log, terms, leads, run, end: () => ending.abort() };
}

type Candidate = ReturnType<typeof aCandidate>;

/** Lets whatever can go on without time passing go on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await setImmediate();
}

/** Moves the clocks of all candidates on together, second by second, and checks that never two lead. */
async function pass(seconds: number, ...candidates: Candidate[]): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await settled();
    for (const { clock } of candidates) clock.advance(1000);
    await settled();
    expect(candidates.filter((one) => one.leads()).length).toBeLessThanOrEqual(1);
  }
}

async function endAll(...candidates: Candidate[]): Promise<void> {
  for (const { end } of candidates) end();
  await Promise.all(candidates.map(({ run }) => run));
}

describe('LeaderElection', () => {
  test('of two one leads, and goes on leading while it renews', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    const b = aCandidate(leases, 'b');
    await pass(120, a, b);
    expect([a.terms.length, b.terms.length]).toEqual([1, 0]);
    await endAll(a, b);
  });

  test('one that ends gives its Lease back, and the other leads at its next look', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    const b = aCandidate(leases, 'b');
    await endAll(a);
    expect(leases.stored?.spec?.holderIdentity).toBe('');
    await pass(3, b);
    expect(b.leads()).toBe(true);
    expect(b.terms[0]?.number).toBe(1);
    await endAll(b);
  });

  test('one that leads and one that waits both know how long they heard nothing about the Lease', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    expect(a.election.silentMs).toBe(Number.POSITIVE_INFINITY);
    await eventually('a leads', a.leads);
    const b = aCandidate(leases, 'b');
    for (let i = 0; i < 10; i++) {
      await pass(3, a, b);
      for (const { election } of [a, b]) expect(election.silentMs).toBeLessThanOrEqual(3000);
    }
    for (const { line } of [a, b]) line.cut = true;
    await pass(30, a, b);
    for (const { election } of [a, b]) expect(election.silentMs).toBeGreaterThanOrEqual(30_000);
    for (const { line } of [a, b]) line.cut = false;
    await pass(4, a, b);
    for (const { election } of [a, b]) expect(election.silentMs).toBeLessThanOrEqual(4000);
    await endAll(a, b);
  });

  test.each([
    { name: 'right clocks', start: '2026-01-01T00:00:00Z' },
    { name: 'a successor whose clock is a day ahead', start: '2026-01-02T00:00:00Z' },
    { name: 'a successor whose clock is a day behind', start: '2025-12-31T00:00:00Z' },
  ])('with $name, one that is cut off stops before the other begins', async ({ start }) => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    const b = aCandidate(leases, 'b', start);
    await pass(10, a, b);
    a.line.cut = true;
    // Renewed up to 3 s ago, and granted 12 s from then.
    await pass(12, a, b);
    expect([a.leads(), b.leads()]).toEqual([false, false]);
    expect(a.terms[0]?.signal.aborted).toBe(true);
    await pass(9, a, b);
    expect(b.leads()).toBe(true);
    a.line.cut = false;
    await pass(60, a, b);
    expect([a.terms.length, b.terms.length]).toEqual([1, 1]);
    await endAll(a, b);
  });

  test('one whose machine slept knows at once that it leads no longer', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    const b = aCandidate(leases, 'b');
    await pass(4, a, b);
    await pass(30, b);
    expect(b.leads()).toBe(true);
    // It wakes: its clock jumps, and nothing of it has run yet.
    a.clock.advance(30_000);
    expect(() => a.terms[0]?.check()).toThrow('another controller may lead now');
    await pass(5, a, b);
    await endAll(a, b);
  });

  test('a short disturbance costs nothing', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    await pass(1, a);
    a.line.cut = true;
    await pass(6, a);
    a.line.cut = false;
    await pass(30, a);
    expect(a.terms).toHaveLength(1);
    expect(a.leads()).toBe(true);
    await endAll(a);
  });

  test('renewals that arrive though their answers do not are recognised as its own', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    a.line.answersLost = true;
    await pass(4, a);
    a.line.answersLost = false;
    await pass(30, a);
    expect(a.terms).toHaveLength(1);
    expect(a.leads()).toBe(true);
    await endAll(a);
  });

  test('one whose Lease was taken away stops at its next renewal', async () => {
    const leases = new MemoryLeases();
    const a = aCandidate(leases, 'a');
    await eventually('a leads', a.leads);
    const { client } = leases.client();
    const stored = leases.stored as never;
    const spec = { holderIdentity: 'somebody', leaseDurationSeconds: 15, leaseTransitions: 1 };
    await client.replace({} as never, { ...(stored as object), spec } as never);
    await pass(3, a);
    expect(a.leads()).toBe(false);
    await endAll(a);
  });

  test('what the leader throws ends the election, after the Lease was given back', async () => {
    const leases = new MemoryLeases();
    const clock = new ManualClock();
    const election = new LeaderElection({
      client: leases.client().client,
      lease: { namespace: 'pentafold', name: 'controller' },
      identity: 'a',
      leaseSeconds: 15,
      renewSeconds: 3,
      safetySeconds: 3,
      clock,
      monotonicMs: () => 0,
      log: new RecordingLogger(),
    });
    const run = election.run(() => Promise.reject(new Error('no store')), new AbortController().signal);
    await expect(run).rejects.toThrow('no store');
    expect(leases.stored?.spec?.holderIdentity).toBe('');
  });

  test('times that leave no room for a renewal are refused', () => {
    const election = () =>
      new LeaderElection({ leaseSeconds: 10, renewSeconds: 4, safetySeconds: 2 } as ConstructorParameters<
        typeof LeaderElection
      >[0]);
    expect(election).toThrow('a Lease of 10 s leaves no time for two renewals every 4 s and 2 s of safety');
  });
});

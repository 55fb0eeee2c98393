import { describe, expect, test } from 'vitest';
import { EventLedger, LEDGER_LIMITS, type RecordedEvent } from './event-ledger.ts';

const event = (changes: Partial<RecordedEvent> = {}): RecordedEvent => ({
  regarding: { apiVersion: 'v1', kind: 'Task', namespace: 'research', name: 'liver', uid: 'uid-1' },
  type: 'Normal',
  reason: 'AttemptStarted',
  action: 'Start',
  note: 'train 2d fold 0, attempt 1.',
  ...changes,
});

describe('EventLedger', () => {
  test('a repetition is counted, and said at most once a minute', () => {
    const ledger = new EventLedger();
    expect(ledger.record(event(), 0)).toMatchObject({ kind: 'new', series: 0 });
    for (const ms of [1, 1000, 59_999]) expect(ledger.record(event(), ms)).toEqual({ kind: 'nothing' });
    expect(ledger.record(event(), 60_000)).toEqual({ kind: 'again', series: 0, count: 5 });
    expect(ledger.record(event(), 60_001)).toEqual({ kind: 'nothing' });
  });

  test('after a long pause it is a new event', () => {
    const ledger = new EventLedger();
    ledger.record(event(), 0);
    expect(ledger.record(event(), LEDGER_LIMITS.seriesMs + 1)).toMatchObject({ kind: 'new', series: 1 });
  });

  test.each([
    { name: 'object', changes: { regarding: { ...event().regarding, uid: 'uid-2' } } },
    { name: 'reason', changes: { reason: 'Other' } },
    { name: 'action', changes: { action: 'Other' } },
    { name: 'type', changes: { type: 'Warning' as const } },
    { name: 'note', changes: { note: 'Other.' } },
  ])('another $name is another event', ({ changes }) => {
    const ledger = new EventLedger();
    ledger.record(event(), 0);
    expect(ledger.record(event(changes), 1).kind).toBe('new');
  });

  test('many events that differ only in their notes are told as one', () => {
    const ledger = new EventLedger();
    const told = Array.from({ length: 1000 }, (_, i) => ledger.record(event({ note: `fold ${i}` }), i));
    const news = told.flatMap((entry) => (entry.kind === 'new' ? [entry.event.note] : []));
    expect(news).toEqual([
      ...Array.from({ length: 10 }, (_, i) => `fold ${i}`),
      'Many events of this kind; the log has them all.',
    ]);
  });

  test('a series that was forgotten for want of room begins anew', () => {
    const ledger = new EventLedger({ ...LEDGER_LIMITS, series: 2 });
    const about = (uid: string) => event({ regarding: { ...event().regarding, uid } });
    for (const uid of ['a', 'b', 'c']) expect(ledger.record(about(uid), 0).kind).toBe('new');
    expect(ledger.record(about('c'), 1).kind).toBe('nothing');
    expect(ledger.record(about('a'), 1).kind).toBe('new');
  });
});

import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { processSignals } from './process-signals.ts';

test.each([
  { events: [], wantCheckpoint: false, wantNow: false },
  { events: ['SIGTERM'], wantCheckpoint: true, wantNow: false },
  { events: ['SIGTERM', 'SIGTERM'], wantCheckpoint: true, wantNow: false },
  { events: ['disconnect'], wantCheckpoint: true, wantNow: false },
  { events: ['SIGINT'], wantCheckpoint: true, wantNow: false },
  { events: ['SIGINT', 'SIGINT'], wantCheckpoint: true, wantNow: true },
  { events: ['SIGTERM', 'SIGINT'], wantCheckpoint: true, wantNow: true },
])(
  'after $events a checkpoint is asked for: $wantCheckpoint, the end at once: $wantNow',
  ({ events, wantCheckpoint, wantNow }) => {
    const source = new EventEmitter();
    const { checkpoint, now } = processSignals(source);
    for (const event of events) source.emit(event);
    expect([checkpoint.aborted, now.aborted]).toEqual([wantCheckpoint, wantNow]);
  },
);

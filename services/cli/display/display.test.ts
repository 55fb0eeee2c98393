import { describe, expect, test } from 'vitest';
import { anEpochMessage } from '#test/an-epoch.ts';
import { aTask } from '#test/observed-task.ts';
import type { StepSnapshot, TaskSnapshot } from '../../controller/service.ts';
import { openDisplay } from './display.ts';
import { EpochBoard } from './epoch-board.ts';
import { fitted, tableLines } from './live-table.ts';
import { rowsOf } from './rows.ts';
import { Stopwatch } from './stopwatch.ts';

const NOW = new Date('2026-01-02T12:00:00.000Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const aStep = (changes: Partial<StepSnapshot> = {}): StepSnapshot => ({
  key: 'train/2d/0',
  kind: 'train',
  configuration: '2d',
  fold: 0,
  title: 'train 2d fold 0',
  step: 'digest',
  state: 'running',
  attempt: 1,
  progress: { activity: 'training', unitsDone: 0, unitsTotal: 100 },
  failure: null,
  validationDice: null,
  ...changes,
});

const INGEST = { key: 'ingest', kind: 'ingest', configuration: null, fold: null, title: 'ingest' } as const;

const aSnapshot = (...steps: StepSnapshot[]): TaskSnapshot => ({
  task: aTask(),
  goal: 'ahead',
  verdict: 'working',
  doneShare: 0.5,
  steps,
  ranking: [],
  warnings: { total: 0, first: [] },
});

function boardWithEpoch(epoch: number): EpochBoard {
  const board = new EpochBoard();
  const body = anEpochMessage({ epoch, meanPseudoDice: 0.25 });
  board.note({ subject: 'metrics.uid.2d.0', id: String(epoch), body });
  return board;
}

function recorder(facts: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
  const written: string[] = [];
  return { ...facts, written, write: (text: string) => written.push(text) };
}

describe('rowsOf', () => {
  test('a training step shows its loss, pseudo Dice and time left', () => {
    const stopwatch = new Stopwatch();
    const board = boardWithEpoch(2);
    rowsOf(aSnapshot(aStep()), board, stopwatch, NOW);
    const halfway = aStep({ progress: { activity: 'training', unitsDone: 50, unitsTotal: 100 } });
    expect(rowsOf(aSnapshot(halfway), board, stopwatch, later(30))).toEqual([
      {
        key: 'train/2d/0',
        state: 'running',
        step: 'train 2d',
        fold: '0',
        loss: '-0.500',
        pseudoDice: '0.250',
        elapsed: '30s',
        left: '30s',
        doing: 'training',
      },
    ]);
  });

  test.each<[Partial<StepSnapshot>, string]>([
    [{ state: 'running', progress: null }, 'starting'],
    [{ state: 'running', attempt: 2, progress: { activity: 'starting', unitsDone: 0, unitsTotal: 0 } }, 'going on'],
    [{ state: 'waiting' }, 'stopped at epoch 3'],
    [{ state: 'pausing', failure: 'the disk is gone' }, 'failed, will be tried again: the disk is gone'],
    [{ state: 'done', validationDice: 0.9164 }, 'done, Dice 0.916'],
  ])('of a fold that is %j it says: %s', (changes, want) => {
    const [row] = rowsOf(aSnapshot(aStep(changes)), boardWithEpoch(2), new Stopwatch(), NOW);
    expect(row?.doing).toBe(want);
  });

  test('steps that have not begun are left out', () => {
    const steps = [aStep({ state: 'blocked', attempt: null }), aStep({ state: 'waiting', attempt: null })];
    expect(rowsOf(aSnapshot(...steps), new EpochBoard(), new Stopwatch(), NOW)).toEqual([]);
  });
});

describe('the table', () => {
  const rows = rowsOf(
    aSnapshot(
      aStep({ ...INGEST, state: 'done', progress: null }),
      aStep(),
      aStep({
        key: 'train/3d_fullres/1',
        configuration: '3d_fullres',
        fold: 1,
        state: 'pausing',
        failure: 'no memory\nmore of it',
      }),
    ),
    boardWithEpoch(0),
    new Stopwatch(),
    NOW,
  );

  test('its columns are aligned', () => {
    expect(tableLines(rows, 120)).toEqual([
      'STEP              FOLD    LOSS  PSEUDO DICE  TIME  TIME LEFT  STATE',
      'ingest                                                        done',
      'train 2d             0  -0.500        0.250    0s          -  training',
      'train 3d_fullres     1                                        failed, will be tried again: no memory',
    ]);
  });

  test('no line is wider than the terminal', () => {
    expect(Math.max(...tableLines(rows, 40).map((line) => line.length))).toBe(40);
  });

  test('where it does not fit, steps that are done give way first', () => {
    const shown = fitted(rows, 2);
    expect(shown.rows.map(({ key }) => key)).toEqual(['train/2d/0']);
    expect(shown.rest).toBe(2);
    expect(fitted(rows, 3)).toEqual({ rows, rest: 0 });
  });
});

describe('openDisplay', () => {
  test('on a terminal each drawing covers the one before', () => {
    const out = recorder({ isTTY: true, columns: 100, rows: 30 });
    const display = openDisplay(out, new EpochBoard());
    display.show(aSnapshot(aStep()), NOW);
    display.show(aSnapshot(aStep()), later(1));
    expect(out.written[0]).not.toContain('\x1b[3A');
    expect(out.written[1]?.startsWith('\x1b[3A\rliver')).toBe(true);
  });

  test('the headline forecasts a Task at work, and no other', () => {
    const out = recorder({ isTTY: true, columns: 100, rows: 30 });
    const display = openDisplay(out, new EpochBoard());
    display.show(aSnapshot(), NOW);
    display.show({ ...aSnapshot(), doneShare: 0.75 }, later(60));
    display.show({ ...aSnapshot(), doneShare: 1, verdict: 'succeeded' }, later(90));
    expect(out.written[1]).toContain('liver  0%  about 1m 00s left');
    expect(out.written[2]).not.toContain('left');
  });

  test('a sentence between is not drawn over', () => {
    const out = recorder({ isTTY: true, columns: 100, rows: 30 });
    const display = openDisplay(out, new EpochBoard());
    display.show(aSnapshot(aStep()), NOW);
    display.say('stopping');
    display.show(aSnapshot(aStep()), later(1));
    expect(out.written[1]).toBe('stopping\n');
    expect(out.written[2]).toMatch(/^\rliver/);
  });

  test('elsewhere a line is written only when something changed, and not too often', () => {
    const out = recorder();
    const board = boardWithEpoch(0);
    const display = openDisplay(out, board);
    display.show(aSnapshot(aStep()), NOW);
    display.show(aSnapshot(aStep()), later(10));
    display.show(aSnapshot(aStep({ progress: { activity: 'validating', unitsDone: 1, unitsTotal: 100 } })), later(10));
    display.show(aSnapshot(aStep({ progress: { activity: 'scoring', unitsDone: 1, unitsTotal: 100 } })), later(11));
    display.show(aSnapshot(aStep({ state: 'done' })), later(12));
    expect(out.written).toEqual([
      '  0%  train 2d fold 0: training, loss -0.500, pseudo Dice 0.250\n',
      '  0%  train 2d fold 0: validating, loss -0.500, pseudo Dice 0.250, about 16m 30s left\n',
      '  0%  train 2d fold 0: done, loss -0.500\n',
    ]);
  });

  test('elsewhere a long silence is broken by what runs, and for how long', () => {
    const out = recorder();
    const display = openDisplay(out, new EpochBoard());
    const scoring = aStep({ ...INGEST, progress: { activity: 'scoring', unitsDone: 0, unitsTotal: 0 } });
    for (let second = 0; second <= 31; second++)
      display.show({ ...aSnapshot(scoring), doneShare: 0.5 + second / 100 }, later(second));
    expect(out.written).toEqual([
      '  0%  ingest: scoring\n',
      '  0%  at work, about 35s left: ingest (scoring, for 15s)\n',
      '  0%  at work, about 20s left: ingest (scoring, for 30s)\n',
    ]);
  });

  test('elsewhere nothing is said while nothing runs', () => {
    const out = recorder();
    const display = openDisplay(out, new EpochBoard());
    for (const second of [0, 20, 40]) display.show(aSnapshot(), later(second));
    expect(out.written).toEqual([]);
  });
});

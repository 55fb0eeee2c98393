import { describe, expect, test } from 'vitest';
import { anEpochMessage } from '#test/an-epoch.ts';
import { EpochBoard } from './epoch-board.ts';

const message = (attempt: number, epoch: number, fold = 0) => ({
  subject: `metrics.uid.3d_fullres.${fold}`,
  id: `${attempt}-${epoch}`,
  body: anEpochMessage({ attempt, epoch }),
});

describe('EpochBoard', () => {
  test('the newest epoch of the newest attempt stands, in whatever order they come', () => {
    const board = new EpochBoard();
    for (const [attempt, epoch] of [
      [2, 4],
      [1, 7],
      [2, 5],
      [2, 3],
    ] as const) {
      board.note(message(attempt, epoch));
    }
    expect(board.of('train/3d_fullres/0', 'digest')).toMatchObject({ attempt: 2, epoch: 5 });
  });

  test('folds are kept apart', () => {
    const board = new EpochBoard();
    board.note(message(1, 2, 0));
    board.note(message(1, 3, 1));
    expect(board.of('train/3d_fullres/0', 'digest')?.epoch).toBe(2);
    expect(board.of('train/3d_fullres/1', 'digest')?.epoch).toBe(3);
  });

  test('epochs of the same fold under another spec are kept apart', () => {
    const board = new EpochBoard();
    const under = (step: string, attempt: number) => ({
      ...message(attempt, 1),
      body: { ...message(attempt, 1).body, step },
    });
    board.note(under('old', 5));
    board.note(under('new', 1));
    expect(board.of('train/3d_fullres/0', 'new')).toMatchObject({ attempt: 1 });
    expect(board.of('train/3d_fullres/0', 'old')).toMatchObject({ attempt: 5 });
    expect(board.of('train/3d_fullres/0', 'another')).toBeUndefined();
  });

  test('what cannot be read is passed over', () => {
    const board = new EpochBoard();
    board.note({ ...message(1, 2), body: { epoch: 'two' } });
    board.note({ ...message(1, 2), subject: 'metrics.uid.3d_fullres' });
    expect(board.of('train/3d_fullres/0', 'digest')).toBeUndefined();
  });
});

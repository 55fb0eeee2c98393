import { beforeEach, describe, expect, it } from 'vitest';
import { type PredictionPlan, PredictionProgress, planText } from './prediction-progress.ts';

describe('planText', () => {
  const plan: PredictionPlan = {
    cases: 6,
    model: 'phantom',
    version: 1,
    inference: { members: ['2d', '3d_fullres'], voting: 'hard', folds: [0, 1, 2], mirroring: true },
    engine: 'torch',
    threads: 2,
  };

  it('names the cases, the model, who votes and what computes', () => {
    expect(planText(plan)).toBe(
      'Predicting 6 cases with model phantom version 1: 2d + 3d_fullres (hard voting), folds 0 1 2; ' +
        'engine torch, 2 threads',
    );
  });

  it('leaves out the version of a folder, and the voting of a single configuration', () => {
    const inference = { members: ['2d'], voting: 'soft', folds: [3], mirroring: false } as const;
    expect(planText({ ...plan, cases: 1, version: null, inference, threads: 1 })).toBe(
      'Predicting 1 case with model phantom: 2d, fold 3, no mirroring; engine torch, 1 thread',
    );
  });
});

describe('PredictionProgress', () => {
  let now: number;
  let said: string[];
  let progress: PredictionProgress;
  const predicted = (caseId: string, seconds: number) =>
    progress.ended({ kind: 'predicted', caseId, file: `${caseId}.nii.gz`, seconds });
  beforeEach(() => {
    now = 1000;
    said = [];
    const lines = { say: (line: string) => said.push(line), warn: (line: string) => said.push(`! ${line}`) };
    progress = new PredictionProgress(4, lines, () => now);
  });

  it('tells each case with the time left, by how long the cases that were begun took', () => {
    progress.ended({ kind: 'failed', caseId: 'a', message: 'no image' });
    progress.began('b');
    now += 4000;
    predicted('b', 4);
    progress.began('c');
    now += 8000;
    predicted('c', 8);
    progress.began('d');
    now += 6000;
    predicted('d', 6);
    progress.close('predictions');
    expect(said).toEqual([
      '! error: case a: no image',
      '2/4 b: done in 4.0 s, about 8s left',
      '3/4 c: done in 8.0 s, about 6s left',
      '4/4 d: done in 6.0 s',
      '3 cases predicted in 18s: predictions; 1 case failed, named above',
    ]);
  });

  it('counts the cases that are left as they were, and forecasts by the others', () => {
    progress.ended({ kind: 'kept', caseId: 'a' });
    progress.ended({ kind: 'kept', caseId: 'b' });
    progress.began('c');
    now += 4000;
    predicted('c', 4);
    progress.close('predictions');
    expect(said).toEqual([
      '3/4 c: done in 4.0 s, about 4s left',
      '1 case predicted in 4s: predictions; 2 cases left as they were',
    ]);
  });

  it('says something every ten seconds about a case that takes long', () => {
    progress.tick();
    progress.began('a');
    now += 9999;
    progress.tick();
    now += 1;
    progress.tick();
    progress.tick();
    progress.networkDone(3, 10);
    now += 10_000;
    progress.tick();
    predicted('a', 20);
    now += 60_000;
    progress.tick();
    expect(said).toEqual([
      '1/4 a: 10s so far',
      '1/4 a: 20s so far, 3 of 10 networks',
      '1/4 a: done in 20.0 s, about 1m 00s left',
    ]);
  });
});

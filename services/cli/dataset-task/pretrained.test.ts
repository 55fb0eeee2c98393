import { describe, expect, test } from 'vitest';
import { aTask } from '#test/observed-task.ts';
import { pretrainedAdvice } from './pretrained.ts';

const failedFor = (reason: string) =>
  aTask({
    status: {
      conditions: [{ type: 'Failed', status: 'True', reason, message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  } as object);

describe('pretrainedAdvice', () => {
  test('names the option that forgets weights which went away', () => {
    expect(pretrainedAdvice(failedFor('PretrainedWeightsUnusable'), 'my data')).toContain(
      "pentafold train 'my data' CONFIGURATION FOLD --no-pretrained-weights",
    );
  });

  test('is nothing for another failure', () => {
    expect(pretrainedAdvice(failedFor('DatasetFaulty'), 'd')).toBe('');
  });
});

import { describe, expect, test } from 'vitest';
import { anEpochMessage } from '#test/an-epoch.ts';
import { epochMessage, latestEpoch, newestOfEachEpoch } from './epoch-message.ts';

/** `attempt.epoch` of each. */
const messages = (...names: readonly string[]) =>
  names.map((name) => {
    const [attempt = 0, epoch = 0] = name.split('.').map(Number);
    return anEpochMessage({ attempt, epoch });
  });

describe('newestOfEachEpoch', () => {
  test.each([
    { name: 'nothing', told: [], want: [] },
    { name: 'an undisturbed training', told: ['1.0', '1.1', '1.2'], want: ['1.0', '1.1', '1.2'] },
    { name: 'a resumed one', told: ['1.0', '1.1', '1.2', '2.1'], want: ['1.0', '2.1', '1.2'] },
    { name: 'messages in any order', told: ['2.2', '1.1', '3.1', '1.0', '2.1'], want: ['1.0', '3.1', '2.2'] },
    { name: 'a gap, where some were lost', told: ['1.0', '1.3'], want: ['1.0', '1.3'] },
  ])('takes the highest attempt of each epoch: $name', ({ told, want }) => {
    expect(newestOfEachEpoch(messages(...told))).toEqual(messages(...want));
  });

  test('takes the last to come of one attempt', () => {
    const told = [anEpochMessage({ seconds: 1 }), anEpochMessage({ seconds: 2 })];
    expect(newestOfEachEpoch(told)).toEqual([anEpochMessage({ seconds: 2 })]);
  });
});

describe('latestEpoch', () => {
  test.each([
    { name: 'the highest', told: ['1.0', '1.2', '1.1'], want: '1.2' },
    { name: 'that of the highest attempt, which was resumed further back', told: ['1.7', '2.3', '2.4'], want: '2.4' },
  ])('is $name', ({ told, want }) => {
    expect([latestEpoch(messages(...told))]).toEqual(messages(want));
  });

  test('is none before an epoch has ended', () => {
    expect(latestEpoch([])).toBeUndefined();
  });
});

test('a message of an epoch is read as it was told, without what is not known of it', () => {
  expect(epochMessage.parse({ ...anEpochMessage(), more: 'than is read' })).toEqual(anEpochMessage());
  expect(epochMessage.safeParse({ ...anEpochMessage(), epoch: 'two' }).success).toBe(false);
});

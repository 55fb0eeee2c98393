import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LocalBus } from '#platform/bus/local-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { metricsSubject } from '#steps/step-names.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { epochSeconds } from './epoch-seconds.ts';

it('takes the times of the epochs of this training from the bus, of the last attempt', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'task.json'), JSON.stringify({ metadata: { uid: 'uid' } }));
  const source = { bus: join(folder.path, 'bus'), taskFolder: folder.path, configuration: '2d', fold: 0 } as const;
  const epoch = (number: number, trainLoss: number) => ({
    epoch: number,
    trainLoss,
    validationLoss: null,
    meanPseudoDice: null,
  });
  const epochs = [epoch(0, 0.5), epoch(1, 0.25), epoch(2, 0.125)];
  expect(await epochSeconds(source, epochs)).toEqual(new Map());

  await using bus = new LocalBus({ directory: source.bus, clock: systemClock, pollMs: 1 });
  const told = [
    { ...epoch(0, 0.5), seconds: 10 },
    { ...epoch(0, 0.4), seconds: 99 },
    { ...epoch(1, 0.25), seconds: 11 },
    { ...epoch(1, 0.25), seconds: 12 },
  ];
  const subject = metricsSubject({ taskUid: 'uid', configuration: '2d', fold: 0 });
  for (const [id, body] of told.entries()) await bus.publish({ subject, id: String(id), body });
  expect(await epochSeconds(source, epochs)).toEqual(
    new Map([
      [0, 10],
      [1, 12],
    ]),
  );
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BusMessage } from '#platform/bus/message-bus.ts';
import { metricsSubject } from '#steps/step-names.ts';
import { anEpoch, anEpochMessage } from '#test/an-epoch.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { epochSeconds } from './epoch-seconds.ts';

it('takes the times of the epochs of this training from the bus, of the last attempt', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'task.json'), JSON.stringify({ metadata: { uid: 'uid' } }));
  const kept: BusMessage[] = [];
  const messages = async (wanted: string) => kept.filter(({ subject }) => subject === wanted);
  const source = { messages, taskFolder: folder.path, configuration: '2d', fold: 0 } as const;
  const epoch = (number: number, trainLoss: number) => anEpoch({ epoch: number, trainLoss });
  const epochs = [epoch(0, 0.5), epoch(1, 0.25), epoch(2, 0.125)];
  expect(await epochSeconds(source, epochs)).toEqual(new Map());

  const told = [
    anEpochMessage({ ...epoch(0, 0.5), seconds: 10 }),
    anEpochMessage({ ...epoch(0, 0.4), seconds: 99 }),
    anEpochMessage({ ...epoch(1, 0.25), seconds: 12, attempt: 2 }),
    anEpochMessage({ ...epoch(1, 0.25), seconds: 11 }),
  ];
  const subject = metricsSubject({ taskUid: 'uid', configuration: '2d', fold: 0 });
  kept.push(...told.map((body, id) => ({ subject, id: String(id), body })));
  kept.push({ subject: `${subject}1`, id: 'other', body: anEpochMessage(epoch(2, 0.125)) });
  expect(await epochSeconds(source, epochs)).toEqual(
    new Map([
      [0, 10],
      [1, 12],
    ]),
  );
});

import { expect, test } from 'vitest';
import { spokenWarnings } from './spoken-warnings.ts';

test('tells each warning once, with its reason, and nothing of what goes well', () => {
  const said: string[] = [];
  const log = spokenWarnings((text) => said.push(text));
  log.info({}, 'stream of the bus made');
  for (let i = 0; i < 2; i++) log.warn({ err: new Error('no answer'), kind: 'Job', failures: i }, 'watch interrupted');
  log.child({ part: 'bus' }).warn({ reason: 'it is in memory' }, 'stream of the bus is not as configured');
  expect(said).toEqual([
    'watch interrupted (Job): no answer',
    'stream of the bus is not as configured: it is in memory',
  ]);
});

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ControllerWorld } from '#test/controller-world.ts';
import { eventually } from '#test/eventually.ts';
import type { ManualClock } from '#test/manual-clock.ts';
import { MemoryTaskStore } from '#test/memory-task-store.ts';
import { Actor } from './act.ts';
import { loadConfig } from './config.ts';
import { ControlLoop } from './control-loop.ts';

/** Takes 20 ms to say what there is. */
class SlowTasks extends MemoryTaskStore {
  readonly #clock: ManualClock;
  listed = 0;

  constructor(clock: ManualClock) {
    super();
    this.#clock = clock;
  }

  override list() {
    this.listed += 1;
    this.#clock.advance(20);
    return super.list();
  }
}

test('looks rest in proportion to what one takes, whatever happens meanwhile', async () => {
  const world = new ControllerWorld();
  const tasks = new SlowTasks(world.clock);
  const { steps, runner, clock, log } = world;
  const loop = new ControlLoop({
    ...{ config: loadConfig({}), tasks, ...world.aController(), runner, clock, log },
    actor: new Actor({ steps, tasks, runner, log }),
    door: { address: 'none', async [Symbol.asyncDispose]() {} },
  });
  await using _ = loop;
  await eventually('it rests', () => clock.sleeping > 0);
  for (const attempt of [1, 2]) runner.go('step', attempt, { kind: 'killed', by: 'unknown' });
  clock.advance(179);
  await setImmediate();
  expect(tasks.listed).toBe(1);
  clock.advance(1);
  await eventually('it looks again', () => tasks.listed === 2);
});

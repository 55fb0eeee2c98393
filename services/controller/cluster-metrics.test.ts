import { expect, test } from 'vitest';
import type { Condition } from '#api/v1alpha1/kinds.ts';
import { aTask } from '#test/observed-task.ts';
import { clusterMetrics } from './cluster-metrics.ts';

const said = (type: Condition['type'], observedGeneration: number): Condition => ({
  ...{ type, status: 'True', reason: 'Said', message: 'It is said.' },
  ...{ lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration },
});

test.each([
  { name: 'of which nothing is said yet', conditions: [], want: 'working' },
  { name: 'that has succeeded', conditions: [said('Succeeded', 2)], want: 'succeeded' },
  { name: 'that has failed', conditions: [said('Failed', 2)], want: 'failed' },
  { name: 'that is suspended', conditions: [said('Suspended', 2)], want: 'suspended' },
  { name: 'that succeeded before its spec was changed', conditions: [said('Succeeded', 1)], want: 'working' },
  { name: 'that failed before its spec was changed', conditions: [said('Failed', 1)], want: 'working' },
])('a Task $name counts as $want', async ({ conditions, want }) => {
  const status = { observedGeneration: 2, progress: '0%', configurations: [], conditions };
  const tasks = { list: async () => [aTask({ generation: 2, status })] };
  const { text } = await clusterMetrics({ tasks, runner: { list: async () => [] } });
  expect(text.match(/^pentafold_tasks\{.*$/gm)).toEqual([`pentafold_tasks{state="${want}"} 1`]);
});

import { describe, expect, test } from 'vitest';
import { workersSpec } from '#api/v1alpha1/workers.ts';
import { attemptResources } from './attempt-resources.ts';

const GIB = 2 ** 30;
const SLICE = { resource: 'nvidia.com/mig-1g.10gb', memoryBytes: 10 * GIB };
const WHOLE = { resource: 'nvidia.com/gpu', memoryBytes: 80 * GIB };

const requestsOf = (
  trainingGiB: number | null,
  accelerators: Parameters<typeof attemptResources>[1],
  workers: Record<string, unknown> = {},
) =>
  attemptResources(
    {
      demand: { memoryBytes: GIB, trainingBytes: trainingGiB === null ? null : trainingGiB * GIB },
      workers: workersSpec.parse(workers),
    },
    accelerators,
  ).requests;

describe('attemptResources', () => {
  test.each<{ name: string; trainingGiB: number | null; want: Record<string, string> }>([
    { name: 'a small training: the slice', trainingGiB: 8, want: { 'nvidia.com/mig-1g.10gb': '1' } },
    { name: 'a large training: the whole device', trainingGiB: 24, want: { 'nvidia.com/gpu': '1' } },
    { name: 'one too large for all: the largest', trainingGiB: 100, want: { 'nvidia.com/gpu': '1' } },
    { name: 'a step that does not train: none', trainingGiB: null, want: {} },
  ])('$name', ({ trainingGiB, want }) => {
    expect(requestsOf(trainingGiB, [WHOLE, SLICE])).toEqual({ cpu: '1', memory: '1024Mi', ...want });
  });

  test('without an accelerator the training’s memory is the pod’s', () => {
    expect(requestsOf(8, [])).toEqual({ cpu: '1', memory: '9216Mi' });
  });

  test('what the Task names goes before the forecast, and its accelerator before the cluster’s', () => {
    const workers = { threads: 2, resources: { memory: '64Gi', 'amd.com/gpu': '2' } };
    expect(requestsOf(8, [WHOLE], workers)).toEqual({ cpu: '2', memory: '64Gi', 'amd.com/gpu': '2' });
  });

  test('the Task’s accelerator is for its trainings alone', () => {
    const workers = { resources: { memory: '64Gi', 'amd.com/gpu': '2' } };
    expect(requestsOf(null, [WHOLE], workers)).toEqual({ cpu: '1', memory: '64Gi' });
  });

  test('all but the CPU is limited to what was asked for', () => {
    const { limits } = attemptResources(
      { demand: { memoryBytes: GIB, trainingBytes: GIB }, workers: workersSpec.parse({}) },
      [WHOLE],
    );
    expect(limits).toEqual({ memory: '1024Mi', 'nvidia.com/gpu': '1' });
  });
});

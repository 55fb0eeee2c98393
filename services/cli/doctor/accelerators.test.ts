import { describe, expect, test } from 'vitest';
import type { NodeSeen } from '#platform/kube/cluster-probe.ts';
import { offeredAccelerators, offeredText, silentNodes } from './accelerators.ts';

const aNode = (name: string, allocatable: Record<string, string>, changes: Partial<NodeSeen> = {}): NodeSeen => ({
  ...{ name, allocatable: { cpu: '32', ...allocatable }, ready: true, labels: {} },
  ...changes,
});

const nodes = [
  aNode('a', { 'nvidia.com/gpu': '4' }),
  aNode('b', { 'nvidia.com/gpu': '4', 'nvidia.com/mig-3g.40gb': '2' }),
  aNode('c', { 'nvidia.com/gpu': '8' }, { ready: false }),
  aNode('d', { 'amd.com/gpu': '0' }),
];

describe('offeredAccelerators', () => {
  test('counts what is free, of all and on the best node, without nodes that take no pods', () => {
    const pods = [
      { node: 'a', requests: { 'nvidia.com/gpu': '3' } },
      { node: 'b', requests: { 'nvidia.com/gpu': '2', cpu: '1' } },
      { node: 'elsewhere', requests: { 'nvidia.com/gpu': '7' } },
    ];
    expect(offeredAccelerators(nodes, pods).map(offeredText)).toEqual([
      'nvidia.com/gpu: 8 on 2 nodes, 3 free, at most 2 of them on one node',
      'nvidia.com/mig-3g.40gb: 2 on 1 node, 2 free',
    ]);
  });

  test('says nothing of what is free where pods may not be looked at', () => {
    expect(offeredAccelerators(nodes, null).map(offeredText)).toEqual([
      'nvidia.com/gpu: 8 on 2 nodes',
      'nvidia.com/mig-3g.40gb: 2 on 1 node',
    ]);
  });
});

describe('silentNodes', () => {
  test('are those that have GPUs and offer none', () => {
    const labels = { 'nvidia.com/gpu.present': 'true' };
    const marked = [aNode('a', {}, { labels }), aNode('b', { 'nvidia.com/gpu': '1' }, { labels }), aNode('c', {})];
    expect(silentNodes(marked)).toEqual(['a']);
    expect(silentNodes([aNode('a', { 'nvidia.com/gpu': '0' }, { labels })])).toEqual(['a']);
  });
});

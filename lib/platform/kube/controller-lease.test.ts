import { expect, test } from 'vitest';
import { leaseHolder, podOfHolder } from './controller-lease.ts';

test.each(['pentafold-controller-1', 'pentafold-controller-10', 'alone'])('of what %s signs it is the pod', (pod) => {
  expect(podOfHolder(leaseHolder(pod, '5f3a0c1d'))).toBe(pod);
});

test.each(['', 'unsigned'])('of "%s" none is the pod', (holder) => {
  expect(podOfHolder(holder)).toBe('');
});

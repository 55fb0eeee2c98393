import { expect, test } from 'vitest';
import { JOBS, PODS, resourcePath } from './kube-object.ts';

test.each([
  { path: resourcePath(PODS, null), want: '/api/v1/pods' },
  { path: resourcePath(JOBS, 'research'), want: '/apis/batch/v1/namespaces/research/jobs' },
  { path: resourcePath(JOBS, 'research', 'a', 'status'), want: '/apis/batch/v1/namespaces/research/jobs/a/status' },
  { path: resourcePath(PODS, 'research', '../secrets'), want: '/api/v1/namespaces/research/pods/..%2Fsecrets' },
])('$want', ({ path, want }) => {
  expect(path).toBe(want);
});

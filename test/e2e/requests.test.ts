import { expect, test } from 'vitest';
import { total } from '#test/scale/request-counts.ts';
import { runAtScale, trainings } from '#test/scale/scale-run.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';

await describeWithServers('twenty Tasks at once', ['kubernetes', 'nats', 'versitygw', 'kwok'], () => {
  test('succeed with few requests to the API server, and bounded statuses', { timeout: 240_000 }, async () => {
    const report = await runAtScale({
      ...{ tasks: 20, nodes: 10, configurations: ['2d', '3d_fullres'], folds: 2 },
      ...{ patienceSeconds: 200, idle: null },
    });
    const requests = Object.fromEntries(report.apiRequests);
    expect(report.failedPods).toBe(0);
    // Four trainings of each Task, what joins them, and what they share: once.
    expect(requests['create jobs 201']).toBe(20 * (4 + 2) + 1 + 2);
    expect(Object.keys(requests).filter((request) => / [45]\d\d$/.test(request))).toEqual([]);
    expect(total(report.apiRequests) / trainings(report.size)).toBeLessThanOrEqual(60);
    expect(report.largestStatusBytes).toBeLessThan(16 * 1024);
  });
});

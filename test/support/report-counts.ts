// What `.ci/run` says at its end, out of vitest's JSON report: `node test/support/report-counts.ts REPORT`.

import { readFileSync } from 'node:fs';

/** Of vitest's JSON report, what is counted. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Tests that passed and that failed. A file that failed though none of its tests did counts as one: it does not load, or
 * a hook threw, and then its tests stand there as skipped.
 */
export function reportCounts({ numPassedTests, numFailedTests, testResults }: TestReport) {
  const failedOtherwise = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + failedOtherwise.length };
}

if (import.meta.main) {
  const { passed, failed } = reportCounts(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
  process.stdout.write(`${passed} ${failed}\n`);
}

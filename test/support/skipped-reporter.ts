import type { Reporter, TestModule } from 'vitest/node';

/** Names what a run skipped, after all else: a title says why, and a skip that nobody sees is a test that nobody has. */
export class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const titles = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map(({ fullName }) => fullName),
    );
    if (titles.length === 0) return;
    process.stdout.write(`\n${titles.length} tests skipped:\n${groupByReason(titles).join('\n')}\n`);
  }
}

/** Tests under one `describe` that says `(skipped: …)` are named once, with their number. */
function groupByReason(titles: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const title of titles) {
    const group = /^.*?\(skipped: .*?\)/.exec(title)?.[0] ?? title;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => `  ${group}${count > 1 ? `: ${count} tests` : ''}`);
}

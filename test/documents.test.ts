import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rightsOf } from '#platform/kube/cluster-probe.ts';
import type { PolicyRule } from '#platform/kube/policy-rule.ts';
import { ATTEMPT_LOG_RULES, TASK_CLIENT_RULES } from '#platform/tasks/task-client.ts';
import { WATCHED_TASK_RULES } from '#platform/tasks/watched-task.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const textOf = (document: string): string => readFileSync(`${root}${document}`, 'utf8');

describe.each(['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'docs/cluster.md'])('%s', (document) => {
  const text = textOf(document);

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => String(script));
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it('links only to files that are there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => String(link));
    const paths = links.filter((link) => !/^(\w+:|#)/.test(link)).map((link) => link.replace(/#.*$/, ''));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
  });
});

describe('the Role for people in docs/cluster.md', () => {
  const [, role = ''] = /A Role for people:\s+```yaml\n(.*?)```/s.exec(textOf('docs/cluster.md')) ?? [];
  const { rules } = parse(role) as { readonly rules: readonly PolicyRule[] };

  it.each([
    { commands: 'apply, get, cancel and retry', needed: TASK_CLIENT_RULES },
    { commands: 'logs', needed: ATTEMPT_LOG_RULES },
    { commands: 'watch', needed: WATCHED_TASK_RULES },
  ])('lets them $commands', ({ needed }) => {
    expect(rightsOf(rules)).toEqual(expect.arrayContaining(rightsOf(needed)));
  });
});

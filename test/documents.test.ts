import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rightsOf } from '#platform/kube/cluster-probe.ts';
import type { PolicyRule } from '#platform/kube/policy-rule.ts';
import { ATTEMPT_LOG_RULES, TASK_CLIENT_RULES } from '#platform/tasks/task-client.ts';
import { WATCHED_TASK_RULES } from '#platform/tasks/watched-task.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const textOf = (document: string): string => readFileSync(`${root}${document}`, 'utf8');

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

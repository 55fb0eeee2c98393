import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rule → a file that breaks it and what that file imports. Targets are planted too, empty. */
const violations: Readonly<Record<string, { readonly from: string; readonly to: string }>> = {
  'core-is-pure': { from: 'lib/core/a.ts', to: 'lib/formats/a.ts' },
  'formats-do-no-io': { from: 'lib/formats/j.ts', to: 'lib/platform/j.ts' },
  'lib-never-knows-a-service': { from: 'lib/formats/b.ts', to: 'services/worker/service.ts' },
  'services-meet-only-on-the-wire': { from: 'services/worker/c.ts', to: 'services/controller/c-target.ts' },
  'the-cli-uses-only-front-doors': { from: 'services/cli/d.ts', to: 'services/controller/d-target.ts' },
  'only-main-chooses-adapters': { from: 'services/worker/e.ts', to: 'lib/platform/e.ts' },
  'addon-has-one-door': { from: 'lib/prediction/f.ts', to: 'lib/compute/torch/binding.ts' },
  'product-never-imports-tests': { from: 'lib/steps/g.ts', to: 'test/support/g.ts' },
  'no-cycles': { from: 'lib/formats/h.ts', to: 'lib/formats/h2.ts' },
  resolves: { from: 'lib/formats/i.ts', to: 'lib/formats/missing.ts' },
};

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

describe('the borders of .dependency-cruiser.mjs', () => {
  let planted: string;
  let found: Violation[];

  beforeAll(() => {
    planted = mkdtempSync(join(tmpdir(), 'boundaries-'));
    copyFileSync(join(root, 'tsconfig.json'), join(planted, 'tsconfig.json'));
    copyFileSync(join(root, 'package.json'), join(planted, 'package.json'));
    for (const { from, to } of Object.values(violations)) plant(planted, from, to);
    const back = join(planted, 'lib/formats/h2.ts');
    writeFileSync(back, "import { value as there } from './h.ts';\nexport const value = there;\n");
    found = cruise(planted);
  });

  afterAll(() => rmSync(planted, { recursive: true }));

  it.each(Object.entries(violations))('catch %s', (rule, { from, to }) => {
    const hits = found.filter((violation) => violation.rule.name === rule && violation.from === from);
    expect(hits.map((hit) => hit.to.replace(/^(\.\.?\/)+/, ''))).toContainEqual(
      rule === 'resolves' ? expect.stringContaining('missing') : to,
    );
  });

  it('have a planted violation each', async () => {
    const { default: config } = await import(join(root, '.dependency-cruiser.mjs'));
    expect(config.forbidden.map((rule: { name: string }) => rule.name)).toEqual(Object.keys(violations));
  });
});

function plant(folder: string, from: string, to: string): void {
  const target = join(folder, to);
  const source = join(folder, from);
  for (const path of [target, source]) mkdirSync(dirname(path), { recursive: true });
  if (!to.includes('missing')) writeFileSync(target, 'export const value = 1;\n');
  const specifier = `${'../'.repeat(from.split('/').length - 1)}${to}`;
  writeFileSync(source, `import { value as imported } from '${specifier}';\nexport const value = imported;\n`);
}

function cruise(folder: string): Violation[] {
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const output = execFileSync(
    process.execPath,
    [depcruise, '--config', config, '--output-type', 'json', 'lib', 'services', 'test'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64e6 },
  );
  return JSON.parse(output).summary.violations;
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { helm } from '#test/servers/helm.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

await describeWithServers('Helm for tests', ['helm'], () => {
  it('fills a chart with values', async () => {
    await using folder = await temporaryFolder();
    await writeChart(folder.path, 'value: {{ .Values.value }}');
    expect(await helm(['template', folder.path, '--set', 'value=given'])).toContain('value: given');
  });

  it('says what is wrong with a chart', async () => {
    await using folder = await temporaryFolder();
    await writeChart(folder.path, '{{ fail "no value" }}');
    await expect(helm(['template', folder.path])).rejects.toThrow(/^helm template .*no value/s);
  });
});

async function writeChart(folder: string, template: string): Promise<void> {
  await mkdir(join(folder, 'templates'));
  await writeFile(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: tiny\nversion: 0.0.1\n');
  await writeFile(join(folder, 'templates', 'file.yaml'), `${template}\n`);
}

// Writes the image, `deploy/build-image --out image.tar`, or the folder that is its root, `deploy/build-image --root image`.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import project from '../package.json' with { type: 'json' };
import { buildImage, PROJECT } from './build-image.ts';
import { assembleRoot } from './root/assemble-root.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: `pentafold-${project.version}.tar` },
    name: { type: 'string', default: `localhost/pentafold:${project.version}` },
    root: { type: 'string' },
  },
});

if (values.root === undefined) await writeTar(values.name, resolve(values.out));
else await writeRoot(resolve(values.root));

async function writeTar(name: string, out: string): Promise<void> {
  await mkdir(dirname(out), { recursive: true });
  await buildImage({ name, out });
  const { size } = await stat(out);
  process.stdout.write(`${out}: ${name}, ${Math.round(size / 1e6)} MB\n`);
}

async function writeRoot(root: string): Promise<void> {
  await mkdir(root);
  await assembleRoot(PROJECT, root);
  process.stdout.write(`${root}: what is to be /\n`);
}

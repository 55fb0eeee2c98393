// Writes the image: `deploy/build-image --out image.tar`.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import project from '../package.json' with { type: 'json' };
import { buildImage } from './build-image.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: `pentafold-${project.version}.tar` },
    name: { type: 'string', default: `localhost/pentafold:${project.version}` },
  },
});

const out = resolve(values.out);
await mkdir(dirname(out), { recursive: true });
await buildImage({ name: values.name, out });
const { size } = await stat(out);
process.stdout.write(`${out}: ${values.name}, ${Math.round(size / 1e6)} MB\n`);

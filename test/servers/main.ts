// What bin/servers runs.

import { isServerName, type ServerName, servers } from './catalogue.ts';
import { isReady, makeReady } from './make-ready.ts';

const say = (line: string) => process.stdout.write(`servers: ${line}\n`);

const all = Object.keys(servers).filter(isServerName);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isServerName(name));
if (unknown.length > 0) {
  say(`expected names out of ${all.join(', ')}, got ${unknown.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked.filter(isServerName) : all) await makeOneReady(name);
}

async function makeOneReady(name: ServerName): Promise<void> {
  if (isReady(name)) {
    say(`${name}: already there`);
    return;
  }
  const reason = await makeReady(name, say);
  if (reason === null) return;
  say(`${name}: ${reason}`);
  process.exitCode = 1;
}

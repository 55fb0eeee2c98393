// Writes the controller's rights into a folder of the chart: `node deploy/rules/write.ts FOLDER`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { controllerRules } from '#platform/controller-rules.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('which folder? node deploy/rules/write.ts FOLDER');

for (const [name, rules] of Object.entries(controllerRules)) {
  const text = stringify(rules, { aliasDuplicateObjects: false });
  writeFileSync(
    join(folder, `${name}.yaml`),
    `# Made by bin/generate from the *_RULES beside the code; do not edit.\n${text}`,
  );
}

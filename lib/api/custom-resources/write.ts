// Writes the CustomResourceDefinitions into a folder, one file each: `node lib/api/custom-resources/write.ts FOLDER`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { customResourceDefinitions } from './definitions.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('which folder? node lib/api/custom-resources/write.ts FOLDER');

for (const [name, definition] of Object.entries(customResourceDefinitions())) {
  // No anchors: what is equal in two places is meant twice.
  const text = stringify(definition, { lineWidth: 120, aliasDuplicateObjects: false });
  writeFileSync(
    join(folder, `${name}.yaml`),
    `# Made by bin/generate from lib/api/v1alpha1/kinds.ts; do not edit.\n${text}`,
  );
}

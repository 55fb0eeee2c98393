import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BadInputError } from '#core/errors.ts';

/**
 * Where a path or a file: URI in a Task file leads, relative ones from the folder of that file.
 *
 * @param refusal made of the reason, for a URI of another machine; it is thrown.
 */
export function localPath(uri: string, taskFile: string, refusal: (reason: string) => BadInputError): string {
  const base = dirname(resolve(taskFile));
  if (uri.startsWith('file:///')) return fileURLToPath(uri);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1];
  if (scheme === undefined) return resolve(base, uri);
  // `file:name` and `file:./name` are relative; a file: URI with a host is another machine's.
  if (scheme === 'file' && !uri.startsWith('file://'))
    return resolve(base, decodeURIComponent(uri.slice('file:'.length)));
  throw refusal(`'${uri}' is not on this machine; on one machine give a path or a file: URI`);
}

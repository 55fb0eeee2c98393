import { fileURLToPath } from 'node:url';

/** The folder that a file: URL names; `undefined` for a URL of another kind, of another machine, or that names none. */
export function folderOf(url: URL): string | undefined {
  if (url.protocol !== 'file:' || url.host !== '') return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    // An escaped slash, or a percent sign that begins no escape.
    return undefined;
  }
}

/** Whether a string names one object below a root: segments between single slashes, none of them `.` or `..`. */
export const isKey = (key: string): boolean =>
  !key.includes('\0') && key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');

/** @throws {RangeError} for a key that is none. */
export function checkKey(key: string): void {
  if (!isKey(key))
    throw new RangeError(`'${key}' is not a key: expected segments between single slashes, none of them . or ..`);
}

/** @throws {RangeError} for a prefix that could lead elsewhere. */
export function checkPrefix(prefix: string): void {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '') checkKey(folder.slice(0, -1));
}

/** JSON as it is stored: indented, since people read these files when something is wrong. */
export const encodeJson = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

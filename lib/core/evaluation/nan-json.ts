// JSON as Python's json.dumps(sort_keys=True, indent=4) writes it: the bare token NaN is allowed. Standard parsers
// refuse that token; it is written all the same, because nnU-Net's tools expect it in their summaries.

/** A value that these files hold. */
export type NanJsonValue =
  | null
  | boolean
  | number
  | string
  | readonly NanJsonValue[]
  | { readonly [key: string]: NanJsonValue };

/** Text of a value: keys sorted, four spaces per level, NaN as the bare token. */
export function nanJson(value: NanJsonValue, indent = ''): string {
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN' : JSON.stringify(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}    `;
  if (Array.isArray(value))
    return block(
      '[',
      ']',
      indent,
      value.map((entry) => deeper + nanJson(entry, deeper)),
    );
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return block(
    '{',
    '}',
    indent,
    entries.map(([key, entry]) => `${deeper}${JSON.stringify(key)}: ${nanJson(entry, deeper)}`),
  );
}

const block = (open: string, close: string, indent: string, lines: readonly string[]): string =>
  lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`;

import type { Logger } from '#platform/logging/logger.ts';

/** Tells a person, once each, what adapters would warn of in a log. */
export const spokenWarnings = (say: (text: string) => void): Logger => {
  const said = new Set<string>();
  const warn = (fields: object, message: string): void => {
    const text = `${message}${'kind' in fields ? ` (${fields.kind})` : ''}: ${reasonIn(fields)}`;
    if (said.has(text)) return;
    said.add(text);
    say(text);
  };
  const log: Logger = { debug() {}, info() {}, warn, error: warn, child: () => log };
  return log;
};

const reasonIn = (fields: object): string => {
  if ('err' in fields) return fields.err instanceof Error ? fields.err.message : String(fields.err);
  return 'reason' in fields ? String(fields.reason) : 'it is tried again';
};

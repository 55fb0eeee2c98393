// How often servers were asked, out of what they wrote down of it.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What was asked → how often. */
export type Counts = ReadonlyMap<string, number>;

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
}

/** Requests to the API server, as `patch tasks/status 200`; not the renewals of leases. */
export const apiRequests = (auditLog: string): Promise<Counts> =>
  counted(auditLog, (line) => {
    const { stage, verb, objectRef = {}, responseStatus }: AuditEvent = JSON.parse(line);
    // A watch is one request, told of when it begins and once more when it ends.
    if (stage !== (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete')) return null;
    const { resource = '', subresource } = objectRef;
    if (resource === 'leases') return null;
    return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`} ${responseStatus?.code}`;
  });

/** Requests to versitygw, as `GetObject 404`. */
export const storeRequests = (accessLog: string): Promise<Counts> =>
  counted(accessLog, (line) => {
    const [, operation, status] = / s3_(\w+) \S+ \S+ (\d{3}) /.exec(line) ?? [];
    return operation === undefined ? null : `${operation} ${status}`;
  });

export const total = (counts: Counts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** What came since `before`. */
export const since = (before: Counts, now: Counts): Counts =>
  new Map([...now].map(([what, count]) => [what, count - (before.get(what) ?? 0)]));

async function counted(file: string, whatOf: (line: string) => string | null): Promise<Counts> {
  const counts = new Map<string, number>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const what = whatOf(line);
    if (what !== null) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

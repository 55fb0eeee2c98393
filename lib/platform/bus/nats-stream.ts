// What the stream of a bus shall be, and what must be done so that it is.

import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';
import type { NatsConfig } from './nats-config.ts';

/** What we say of a stream. The rest is the server's default, or whatever an administrator made of it. */
export interface WantedStream {
  readonly name: string;
  /** Fixed when a stream is made. */
  readonly fixed: Pick<StreamConfig, 'retention' | 'storage'>;
  readonly settings: Pick<
    StreamUpdateConfig,
    'subjects' | 'discard' | 'max_age' | 'max_bytes' | 'max_msgs_per_subject' | 'duplicate_window' | 'num_replicas'
  >;
}

/** What is to be done about a stream. */
export type StreamChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'create'; readonly config: Partial<StreamConfig> & { readonly name: string } }
  /** Only what differs. */
  | { readonly kind: 'update'; readonly config: Partial<StreamUpdateConfig> }
  /** It would have to be deleted, which is for a person to decide. */
  | { readonly kind: 'impossible'; readonly reason: string };

const NS_PER_MINUTE = 60e9;
const BYTES_PER_MEBIBYTE = 2 ** 20;

export const wantedStream = ({ stream, limits }: Pick<NatsConfig, 'stream' | 'limits'>): WantedStream => ({
  name: stream,
  fixed: { retention: RetentionPolicy.Limits, storage: StorageType.File },
  settings: {
    subjects: [`${stream}.>`],
    discard: DiscardPolicy.Old,
    max_age: limits.maxAgeHours * 60 * NS_PER_MINUTE,
    max_bytes: limits.maxMebibytes * BYTES_PER_MEBIBYTE,
    max_msgs_per_subject: limits.maxMessagesPerSubject,
    duplicate_window: limits.duplicateWindowMinutes * NS_PER_MINUTE,
    num_replicas: limits.replicas,
  },
});

/** @param existing its configuration as the server has it; `null` when there is no stream of this name. */
export function streamChange(existing: Partial<StreamConfig> | null, wanted: WantedStream): StreamChange {
  const { name, fixed, settings } = wanted;
  if (existing === null) return { kind: 'create', config: { name, ...fixed, ...settings } };
  const [unfit] = differences(existing, fixed);
  if (unfit !== undefined) {
    const [key, value] = unfit;
    return {
      kind: 'impossible',
      reason: `stream ${name}: expected ${key} ${value}, got ${existing[key]}, which cannot be changed; delete the stream or name another one`,
    };
  }
  const config = Object.fromEntries(differences(existing, settings));
  return Object.keys(config).length === 0 ? { kind: 'none' } : { kind: 'update', config };
}

/** Pairs of `wanted` that `existing` does not have. */
function differences<T extends object>(existing: Partial<T>, wanted: T): [keyof T & string, T[keyof T]][] {
  const keys = Object.keys(wanted) as (keyof T & string)[];
  return keys.flatMap((key) =>
    JSON.stringify(existing[key]) === JSON.stringify(wanted[key]) ? [] : [[key, wanted[key]]],
  );
}

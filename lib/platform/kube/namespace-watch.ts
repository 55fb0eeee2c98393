import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { Backoff } from './backoff.ts';
import type { KubeClient } from './kube-client.ts';
import type { KubeObject, Resource } from './kube-object.ts';
import { ListAndWatch } from './list-and-watch.ts';
import type { Change } from './object-cache.ts';

/**
 * Keeps a cache of the objects of one kind, of those with a label if a selector is given, and tells of each change.
 *
 * `keep` says what the cache keeps of an object; without it, all but who wrote which field.
 */
export type Watch = <T extends KubeObject>(
  resource: Resource<T>,
  labelSelector: string,
  changed: (change: Change<T>) => void,
  keep?: (object: T) => T,
) => ListAndWatch<T>;

export interface NamespaceWatchOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly namespace: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

const BACKOFF: Backoff = { firstMs: 500, longestMs: 30_000 };
/** Two and a half bookmarks. */
const SILENCE_MS = 150_000;
const WATCH_SECONDS = 300;

/** Watches what there is in one namespace. */
export const namespaceWatch =
  ({ client, namespace, clock, random, log }: NamespaceWatchOptions): Watch =>
  (resource, labelSelector, changed, keep) =>
    new ListAndWatch({
      client,
      resource,
      selection: { namespace, labelSelector },
      changed,
      ...(keep === undefined ? {} : { keep }),
      silenceMs: SILENCE_MS,
      watchSeconds: WATCH_SECONDS,
      backoff: BACKOFF,
      clock,
      random,
      log,
    });

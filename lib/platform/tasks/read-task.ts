import { type Task, taskManifest, taskStatus } from '#api/v1alpha1/kinds.ts';
import { pathInWords, plainWords } from '#api/v1alpha1/plain-words.ts';
import { retryRequest } from '#api/v1alpha1/retry.ts';
import type { TaskResource } from './custom-resources.ts';

export type ReadTask =
  | { readonly kind: 'task'; readonly task: Task }
  /** What is wrong, a line each. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/**
 * A stored Task with everything that its schema asks for.
 *
 * The API server has checked most of it already; not what it has no words for, and not what was stored under an earlier
 * CustomResourceDefinition.
 */
export function readTask({ apiVersion, kind, metadata, spec, status }: TaskResource): ReadTask {
  const { name, uid, generation = 1, creationTimestamp } = metadata;
  const retryRequestedAt = retryRequest(metadata.annotations);
  const parsed = taskManifest.safeParse({ apiVersion, kind, metadata: { name }, spec }, { reportInput: true });
  if (!parsed.success) {
    const complaints = parsed.error.issues.flatMap((issue) => plainWords(issue, taskManifest));
    return { kind: 'invalid', problems: complaints.map(({ path, message }) => `${pathInWords(path)}: ${message}`) };
  }
  const task = {
    ...parsed.data,
    metadata: {
      name,
      uid,
      generation,
      creationTimestamp,
      ...(retryRequestedAt === undefined ? {} : { retryRequestedAt }),
    },
  };
  // A status of an earlier version of ours is made anew.
  const { data } = taskStatus.safeParse(status);
  return { kind: 'task', task: data === undefined ? task : { ...task, status: data } };
}

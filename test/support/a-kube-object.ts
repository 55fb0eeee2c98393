import type { KubeObject, ObjectMeta } from '#platform/kube/kube-object.ts';

/** An object of which a test says only the metadata that it is about. */
export const anObject = (metadata: Partial<ObjectMeta> & { readonly name: string }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: 'research',
    uid: `uid of ${metadata.name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anObject } from '#test/a-kube-object.ts';
import type { KubeObject, ObjectMeta } from './kube-object.ts';
import { ObjectCache } from './object-cache.ts';

const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name);
const owned = (name: string, uid: string) =>
  anObject({ name, ownerReferences: [{ apiVersion: 'v1', kind: 'Task', name: 'liver', uid }] });

describe('ObjectCache', () => {
  test('finds objects by name, namespace, label and owner', () => {
    const cache = new ObjectCache();
    const objects = [
      anObject({ name: 'b', labels: { fold: '0' } }),
      anObject({ name: 'a', labels: { fold: '0', stage: 'train' } }),
      anObject({ name: 'a', namespace: 'clinic' }),
      owned('job', 'uid-1'),
    ];
    cache.replace(objects, '1');
    expect(cache.get({ namespace: 'research', name: 'b' })?.metadata.name).toBe('b');
    expect(cache.get({ namespace: 'clinic', name: 'b' })).toBeUndefined();
    expect(names(cache.inNamespace('research'))).toEqual(['a', 'b', 'job']);
    expect(names(cache.withLabel('fold', '0'))).toEqual(['a', 'b']);
    expect(names(cache.withLabel('fold', '1'))).toEqual([]);
    expect(names(cache.ownedBy('uid-1'))).toEqual(['job']);
  });

  test('an object that changes leaves the indexes it is no longer in', () => {
    const cache = new ObjectCache();
    cache.set(anObject({ name: 'a', labels: { fold: '0' } }));
    cache.set(anObject({ name: 'a', labels: { fold: '1' }, resourceVersion: '2' }));
    expect(names(cache.withLabel('fold', '0'))).toEqual([]);
    expect(names(cache.withLabel('fold', '1'))).toEqual(['a']);
  });

  test('a state that is known already is no change', () => {
    const cache = new ObjectCache();
    expect(cache.set(anObject({ name: 'a' }))?.type).toBe('added');
    expect(cache.set(anObject({ name: 'a' }))).toBeUndefined();
    expect(cache.set(anObject({ name: 'a', resourceVersion: '2' }))?.type).toBe('changed');
    expect(cache.remove(anObject({ name: 'b' }))).toBeUndefined();
  });

  test('what is older than what is known changes nothing, whichever way it comes', () => {
    const cache = new ObjectCache();
    cache.set(anObject({ name: 'a', resourceVersion: '10' }));
    expect(cache.set(anObject({ name: 'a', resourceVersion: '9' }))).toBeUndefined();
    expect(cache.remove(anObject({ name: 'a', resourceVersion: '9' }))).toBeUndefined();
    expect(cache.replace([], '9')).toEqual([]);
    expect(cache.get({ namespace: 'research', name: 'a' })?.metadata.resourceVersion).toBe('10');
    expect(cache.replace([], '10').map(({ type }) => type)).toEqual(['removed']);
  });

  test('listing again says what was missed', () => {
    const cache = new ObjectCache();
    cache.replace(
      ['stays', 'changes', 'goes'].map((name) => anObject({ name })),
      '1',
    );
    const now = [
      anObject({ name: 'stays' }),
      anObject({ name: 'changes', resourceVersion: '2' }),
      anObject({ name: 'comes' }),
    ];
    const changes = cache.replace(now, '3');
    expect(
      changes.map((change) => [change.type, (change.type === 'removed' ? change.before : change.after).metadata.name]),
    ).toEqual([
      ['removed', 'goes'],
      ['changed', 'changes'],
      ['added', 'comes'],
    ]);
    expect(names(cache.all())).toEqual(['changes', 'comes', 'stays']);
  });

  test('whatever happens, every index holds what a search through all objects finds', () => {
    const meta = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      namespace: fc.constantFrom('research', 'clinic'),
      resourceVersion: fc.constantFrom('1', '2', '3'),
      labels: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('0', '1')),
    });
    const operation = fc.oneof(
      meta.map((one) => ({ kind: 'set' as const, one })),
      meta.map((one) => ({ kind: 'remove' as const, one })),
      fc.array(meta, { maxLength: 3 }).map((all) => ({ kind: 'replace' as const, all })),
    );
    const made = (metadata: Partial<ObjectMeta> & { readonly name: string }) => anObject(metadata);
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
        const cache = new ObjectCache();
        for (const step of operations) {
          if (step.kind === 'set') cache.set(made(step.one));
          else if (step.kind === 'remove') cache.remove(made(step.one));
          else cache.replace(step.all.map(made), '2');
        }
        const all = cache.all();
        for (const namespace of ['research', 'clinic'])
          expect(cache.inNamespace(namespace)).toEqual(all.filter(({ metadata }) => metadata.namespace === namespace));
        for (const value of ['0', '1'])
          expect(cache.withLabel('x', value)).toEqual(all.filter(({ metadata }) => metadata.labels?.x === value));
      }),
    );
  });
});

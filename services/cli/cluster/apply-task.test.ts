import { describe, expect, test } from 'vitest';
import { choiceFor, NamespaceMismatchError } from './apply-task.ts';

const task = { apiVersion: '', kind: 'Task', metadata: { name: 'liver' }, spec: {} };
const choice = (namespace: string | null) => ({ context: null, namespace });

describe('choiceFor', () => {
  test.each([
    { file: null, option: null, want: null },
    { file: 'research', option: null, want: 'research' },
    { file: null, option: 'research', want: 'research' },
    { file: 'research', option: 'research', want: 'research' },
  ])('of $file in the file and $option on the command line is $want', ({ file, option, want }) => {
    expect(choiceFor({ task, namespace: file }, choice(option))).toEqual(choice(want));
  });

  test('refuses two namespaces', () => {
    expect(() => choiceFor({ task, namespace: 'research' }, choice('clinic'))).toThrow(NamespaceMismatchError);
  });
});

import { expect, it } from 'vitest';
import { expectTensors } from './expect-tensors.ts';

const expected = [
  { name: 'a', shape: [2, 1] },
  { name: 'step', shape: [] },
];
const tensor = (shape: number[], count: number): { shape: number[]; data: Float32Array } => ({
  shape,
  data: new Float32Array(count),
});
const right = [
  ['a', tensor([2, 1], 2)],
  ['step', tensor([], 1)],
] as const;

it('accepts the expected tensors', () => {
  expectTensors('weights', expected, new Map(right));
});

it.each([
  { name: 'a missing one', change: new Map(right.slice(1)), want: 'weights: a is missing' },
  { name: 'one too many', change: new Map([...right, ['b', tensor([1], 1)]]), want: 'weights: b is not expected' },
  {
    name: 'another shape',
    change: new Map([...right, ['a', tensor([1, 2], 2)]]),
    want: 'expected a of shape [2,1], got [1,2]',
  },
  {
    name: 'another number of values',
    change: new Map([...right, ['a', tensor([2, 1], 3)]]),
    want: 'expected 2 values of a, got 3',
  },
])('refuses $name by name', ({ change, want }) => {
  expect(() => expectTensors('weights', expected, change as ReadonlyMap<string, ReturnType<typeof tensor>>)).toThrow(
    want,
  );
});

// Axis orders as types. World and header order is xyz; arrays lie in memory as zyx, slowest first; `net` is the array
// order after the plans' transposeForward. Mixing them does not compile. Only this file makes a tagged value.

declare const axes: unique symbol;
declare const unit: unique symbol;

export type Axes = 'xyz' | 'zyx' | 'net';
export type Unit = 'voxel' | 'mm';

interface Tagged<A extends Axes, U extends Unit> {
  readonly [axes]: (a: A) => A; // a function type makes the tag invariant; a bare `A` would let two orders unite
  readonly [unit]: (u: U) => U;
}

/** Three numbers that know their axis order and unit. At run time a plain array. */
export type Vec3<A extends Axes, U extends Unit> = readonly [number, number, number] & Tagged<A, U>;
/** The in-plane axes of the `2d` configuration: a `net` vector without its first axis. */
export type Vec2<A extends Axes, U extends Unit> = readonly [number, number] & Tagged<A, U>;
/** Two or three axes. Code for both loops over axes and never pads a 2D vector with a 1. */
export type Vec<A extends Axes, U extends Unit> = Vec2<A, U> | Vec3<A, U>;

export type Shape<A extends Axes> = Vec3<A, 'voxel'>;
export type Spacing<A extends Axes> = Vec3<A, 'mm'>;

const tag3 = <A extends Axes, U extends Unit>(v: readonly number[]): Vec3<A, U> => {
  if (v.length !== 3) throw new RangeError(`expected three numbers for a 3D vector, got ${v.length}`);
  return v as unknown as Vec3<A, U>;
};

const tag = <A extends Axes, U extends Unit>(v: readonly number[]): Vec<A, U> => {
  if (v.length !== 2 && v.length !== 3) throw new RangeError(`expected two or three numbers, got ${v.length}`);
  return v as unknown as Vec<A, U>;
};

export const shapeXyz = (x: number, y: number, z: number): Shape<'xyz'> => tag3([x, y, z]);
export const shapeZyx = (z: number, y: number, x: number): Shape<'zyx'> => tag3([z, y, x]);
export const shapeNet = (a: number, b: number, c: number): Shape<'net'> => tag3([a, b, c]);
export const spacingXyz = (x: number, y: number, z: number): Spacing<'xyz'> => tag3([x, y, z]);
export const spacingZyx = (z: number, y: number, x: number): Spacing<'zyx'> => tag3([z, y, x]);
export const spacingNet = (a: number, b: number, c: number): Spacing<'net'> => tag3([a, b, c]);

/** A patch size, stride or other extent in network order, two or three axes. */
export const extentNet = (values: readonly number[]): Vec<'net', 'voxel'> => tag(values);
/** A spacing in network order, two (in plane) or three axes. */
export const resolutionNet = (values: readonly number[]): Vec<'net', 'mm'> => tag(values);

/** Header order to array order: the reverse. */
export const toZyx = <U extends Unit>(v: Vec3<'xyz', U>): Vec3<'zyx', U> => tag3([v[2], v[1], v[0]]);
/** Array order to header order: the reverse. */
export const toXyz = <U extends Unit>(v: Vec3<'zyx', U>): Vec3<'xyz', U> => tag3([v[2], v[1], v[0]]);

/** Three numbers in the axis order of `like`: for code that is the same in every order. */
export const inAxesOf = <A extends Axes, U extends Unit>(_like: Vec3<A, U>, values: readonly number[]): Vec3<A, U> =>
  tag3(values);

/** A permutation of the axes 0, 1, 2: `net[i] = zyx[forward[i]]`. */
export type AxisPermutation = readonly [number, number, number];

/** Array order to network order by the plans' `transpose_forward`. */
export const toNet = <U extends Unit>(v: Vec3<'zyx', U>, forward: AxisPermutation): Vec3<'net', U> =>
  tag3(forward.map((axis) => v[axis] ?? Number.NaN));

/** Network order back to array order by the plans' `transpose_forward` (not its inverse). */
export const fromNet = <U extends Unit>(v: Vec3<'net', U>, forward: AxisPermutation): Vec3<'zyx', U> => {
  const out = [0, 0, 0];
  forward.forEach((axis, i) => {
    out[axis] = v[i] ?? Number.NaN;
  });
  return tag3(out);
};

/** Product of the entries: voxels of a shape, mm³ of a spacing. */
export const product = (v: readonly number[]): number => v.reduce((a, b) => a * b, 1);

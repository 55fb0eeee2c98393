import { taskManifest } from '#api/v1alpha1/kinds.ts';

export const isObjectName = (name: string): boolean => taskManifest.shape.metadata.shape.name.safeParse(name).success;

/** @throws {RangeError} for what is no object's name, and so might be a path to somewhere else. */
export function checkedObjectName(name: string): string {
  if (isObjectName(name)) return name;
  throw new RangeError(`'${name}' is no object's name: expected lower-case letters, digits and dashes, at most 63`);
}

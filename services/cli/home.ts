import { join, resolve } from 'node:path';

/** Where things lie in a home folder: all that embedded mode keeps. */
export interface Home {
  readonly root: string;
  /** Steps with their attempts and outputs. */
  readonly objects: string;
  readonly bus: string;
  readonly logs: string;
  readonly scratch: string;
  /** Held by the one run that works here. */
  readonly lock: string;
}

/** The home when none is named. */
export const DEFAULT_HOME = './.pentafold';

export function homeAt(folder: string): Home {
  const root = resolve(folder);
  return {
    root,
    objects: join(root, 'objects'),
    bus: join(root, 'bus'),
    logs: join(root, 'logs'),
    scratch: join(root, 'scratch'),
    lock: join(root, 'lock'),
  };
}

/** Results of a Task, for people and scripts: copies of what its steps wrote. */
export const taskFolder = (home: Home, task: string): string => join(home.root, 'tasks', task);

/** The files of a published model. */
export const modelFolder = (home: Home, model: string): string => join(home.root, 'models', model);

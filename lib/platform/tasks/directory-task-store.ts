import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Model, type Task, type TaskManifest, type TaskStatus, taskManifest } from '#api/v1alpha1/kinds.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import type { Clock } from '../clock/clock.ts';
import type { TaskStore } from './task-store.ts';

/** Where the objects lie, and what new ones are given. */
export interface DirectoryTaskStoreOptions {
  /** The home folder; made when something is first written. */
  readonly home: string;
  readonly clock: Clock;
  /** Makes the uid of a new Task. */
  readonly newId: () => string;
}

/**
 * Tasks and Models as JSON files of a home folder: `tasks/<name>/task.json` with `status.json` beside it, and
 * `models/<name>.json`.
 *
 * The status has its own file because it has its own writer: the controller replaces it without reading, and so without
 * losing, a spec that a person applied meanwhile.
 */
export class DirectoryTaskStore implements TaskStore {
  readonly #options: DirectoryTaskStoreOptions;

  constructor(options: DirectoryTaskStoreOptions) {
    this.#options = options;
  }

  async list(): Promise<Task[]> {
    const names = (await orAbsent(() => readdir(join(this.#options.home, 'tasks')))) ?? [];
    const tasks = await Promise.all(
      names
        .filter(isObjectName)
        .sort()
        .map((name) => this.get(name)),
    );
    return tasks.filter((task) => task !== undefined);
  }

  async get(name: string): Promise<Task | undefined> {
    const task = await this.#readTask(name);
    if (task === undefined) return undefined;
    const status = await readJson<TaskStatus>(this.#taskFile(name, 'status.json'));
    return status === undefined ? task : { ...task, status };
  }

  async apply(task: TaskManifest): Promise<Task> {
    const { name } = task.metadata;
    const stored = await this.#readTask(name);
    if (stored !== undefined && canonicalJson(stored.spec) === canonicalJson(task.spec)) return this.#present(name);
    const metadata = {
      name,
      uid: stored?.metadata.uid ?? this.#options.newId(),
      generation: (stored?.metadata.generation ?? 0) + 1,
      creationTimestamp: stored?.metadata.creationTimestamp ?? this.#options.clock.now().toISOString(),
    };
    const { apiVersion, kind, spec } = task;
    await writeJson(this.#taskFile(name, 'task.json'), { apiVersion, kind, metadata, spec });
    return this.#present(name);
  }

  async updateStatus(name: string, status: TaskStatus): Promise<void> {
    await this.#present(name);
    await writeJson(this.#taskFile(name, 'status.json'), status);
  }

  async getModel(name: string): Promise<Model | undefined> {
    return readJson<Model>(this.#modelFile(name));
  }

  async applyModel(model: Model): Promise<void> {
    const { name } = model.metadata;
    const stored = await this.getModel(name);
    if (stored !== undefined && canonicalJson(stored) === canonicalJson(model)) return;
    if (stored !== undefined && stored.spec.version >= model.spec.version) {
      throw new RangeError(
        `model ${name} has version ${stored.spec.version} already and versions do not change; got ${model.spec.version}`,
      );
    }
    await writeJson(this.#modelFile(name), model);
  }

  async #readTask(name: string): Promise<Task | undefined> {
    return readJson<Task>(this.#taskFile(name, 'task.json'));
  }

  async #present(name: string): Promise<Task> {
    const task = await this.get(name);
    if (task === undefined) throw new RangeError(`there is no Task ${name}`);
    return task;
  }

  #taskFile(name: string, file: 'task.json' | 'status.json'): string {
    return join(this.#options.home, 'tasks', objectName(name), file);
  }

  #modelFile(name: string): string {
    return join(this.#options.home, 'models', `${objectName(name)}.json`);
  }
}

const isObjectName = (name: string): boolean => taskManifest.shape.metadata.shape.name.safeParse(name).success;

/** @throws {RangeError} for what is no object's name, and so might be a path out of the folder. */
function objectName(name: string): string {
  if (isObjectName(name)) return name;
  throw new RangeError(`'${name}' is no object's name: expected lower-case letters, digits and dashes, at most 63`);
}

/** The files are this class's own, written whole: they are trusted to hold what their name says. */
async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await orAbsent(() => readFile(path, 'utf8'));
  return text === undefined ? undefined : JSON.parse(text);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeDurably(path, `${JSON.stringify(value, null, 2)}\n`);
}

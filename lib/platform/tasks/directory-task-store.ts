import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { type Model, type Task, type TaskManifest, type TaskStatus, taskStatus } from '#api/v1alpha1/kinds.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import { encodeJson } from '#formats/indented-json.ts';
import { ChangeSignal } from '../change-signal.ts';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import { checkedObjectName, isObjectName } from './object-name.ts';
import { storedModel, storedTask } from './stored-objects.ts';
import type { TaskStore } from './task-store.ts';
import { UnreadableTaskError } from './unreadable-task-error.ts';

/** Where the objects lie, and what new ones are given. */
export interface DirectoryTaskStoreOptions {
  /** The home folder; made when something is first written. */
  readonly home: string;
  readonly clock: Clock;
  /** Makes the uid of a new Task. */
  readonly newId: () => string;
  readonly log: Logger;
}

/** Stands for a file that does not hold what its name says. */
const DAMAGED = Symbol('damaged');

/**
 * Tasks and Models as JSON files of a home folder: `tasks/<name>/task.json` with `status.json` beside it, and
 * `models/<name>.json`.
 *
 * The status has its own file because it has its own writer: the controller replaces it without reading, and so without
 * losing, a spec that a person applied meanwhile.
 *
 * All of it can be made again: a damaged status or Model counts as absent, a damaged Task is replaced when it is applied.
 */
export class DirectoryTaskStore implements TaskStore {
  readonly #options: DirectoryTaskStoreOptions;
  /** Files whose damage was logged. */
  readonly #damaged = new Set<string>();
  readonly #change = new ChangeSignal();

  constructor(options: DirectoryTaskStoreOptions) {
    this.#options = options;
  }

  /** Without those whose file is damaged. */
  async list(): Promise<Task[]> {
    const names = (await orAbsent(() => readdir(join(this.#options.home, 'tasks')))) ?? [];
    const tasks = await Promise.all(
      names
        .filter(isObjectName)
        .sort()
        .map((name) => this.#look(name)),
    );
    return tasks.filter((task) => task !== undefined && task !== DAMAGED);
  }

  /** @throws {UnreadableTaskError} when its file is damaged. */
  async get(name: string): Promise<Task | undefined> {
    const task = await this.#look(name);
    if (task === DAMAGED) throw new UnreadableTaskError(this.#taskFile(name, 'task.json'));
    return task;
  }

  async apply(task: TaskManifest): Promise<Task> {
    const { name } = task.metadata;
    const stored = await this.#standing(name);
    if (stored !== undefined && canonicalJson(stored.spec) === canonicalJson(task.spec)) return this.#present(name);
    const metadata = {
      name,
      uid: stored?.metadata.uid ?? this.#options.newId(),
      generation: (stored?.metadata.generation ?? (await this.#status(name))?.observedGeneration ?? 0) + 1,
      creationTimestamp: stored?.metadata.creationTimestamp ?? this.#options.clock.now().toISOString(),
    };
    const { apiVersion, kind, spec } = task;
    await writeDurably(this.#taskFile(name, 'task.json'), encodeJson({ apiVersion, kind, metadata, spec }));
    this.#change.note();
    return this.#present(name);
  }

  async updateStatus(name: string, status: TaskStatus): Promise<void> {
    await this.#present(name);
    await writeDurably(this.#taskFile(name, 'status.json'), encodeJson(status));
  }

  async getModel(name: string): Promise<Model | undefined> {
    return this.#orAbsent(this.#modelFile(name), storedModel);
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
    await writeDurably(this.#modelFile(name), encodeJson(model));
  }

  /** A home belongs to one process, which is the only one to change it. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  /** What `apply` goes on from. */
  async #standing(name: string): Promise<Omit<Task, 'status'> | undefined> {
    return this.#orAbsent(this.#taskFile(name, 'task.json'), storedTask);
  }

  async #look(name: string): Promise<Task | undefined | typeof DAMAGED> {
    const task = await this.#read(this.#taskFile(name, 'task.json'), storedTask);
    if (task === undefined || task === DAMAGED) return task;
    const status = await this.#status(name);
    return status === undefined ? task : { ...task, status };
  }

  #status(name: string): Promise<TaskStatus | undefined> {
    return this.#orAbsent(this.#taskFile(name, 'status.json'), taskStatus);
  }

  async #orAbsent<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const value = await this.#read(path, schema);
    return value === DAMAGED ? undefined : value;
  }

  async #read<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined | typeof DAMAGED> {
    const text = await orAbsent(() => readFile(path, 'utf8'));
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(parsedJson(text));
    if (parsed.success) return parsed.data;
    // Read again and again, said once.
    if (!this.#damaged.has(path)) this.#options.log.warn({ path }, 'damaged file of an object; it is made anew');
    this.#damaged.add(path);
    return DAMAGED;
  }

  async #present(name: string): Promise<Task> {
    const task = await this.get(name);
    if (task === undefined) throw new RangeError(`there is no Task ${name}`);
    return task;
  }

  #taskFile(name: string, file: 'task.json' | 'status.json'): string {
    return join(this.#options.home, 'tasks', checkedObjectName(name), file);
  }

  #modelFile(name: string): string {
    return join(this.#options.home, 'models', `${checkedObjectName(name)}.json`);
  }
}

/** `undefined` for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Raw requests to the Kubernetes API, typed by `Resource`. One attempt each: trying again belongs to the loop that owns
// the work.

import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { failureStatus } from './failure-status.ts';
import type { Fence } from './fence.ts';
import type { HttpConnection, HttpRequest } from './http-connection.ts';
import { isNotFound, KubeApiError, KubeUnreachableError } from './kube-api-error.ts';
import { type Desired, type KubeObject, type ObjectRef, PODS, type Resource, resourcePath } from './kube-object.ts';
import { linesOf } from './lines.ts';

/** Which objects of a collection. */
export interface Selection {
  /** `null`: all namespaces, or a kind of the whole cluster. */
  readonly namespace: string | null;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** A collection as it was at one moment. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** From where a watch goes on. */
  readonly resourceVersion: string;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing changed; how far the watch has come. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** Only these go; `undefined` for any. */
export interface DeletePreconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface KubeClientOptions {
  readonly connection: HttpConnection;
  /** Field owner of what is applied, at most 128 characters. */
  readonly fieldManager: string;
  /** How long one request may take, a watch excepted. */
  readonly timeoutMs: number;
  /** How many objects one page of a list holds. */
  readonly pageSize: number;
}

export class KubeClient {
  readonly #options: KubeClientOptions;
  readonly #fence: Fence | null;

  constructor(options: KubeClientOptions, fence: Fence | null = null) {
    this.#options = options;
    this.#fence = fence;
  }

  /** The same client, whose writes are refused once the fence is closed. */
  fencedBy(fence: Fence): KubeClient {
    return new KubeClient(this.#options, fence);
  }

  /**
   * All pages of a collection, as of one moment.
   *
   * @param keep what is kept of each object: of a large collection only one page is whole at a time.
   * @throws {KubeApiError} 410 where reading the pages took so long that their moment is forgotten: list again.
   */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    keep: (object: T) => T = (object) => object,
  ): Promise<Listing<T>> {
    const items: T[] = [];
    for (let next = ''; ; ) {
      const page = await this.#json<Page<T>>('GET', resourcePath(resource, selection.namespace), {
        query: { ...selectors(selection), limit: String(this.#options.pageSize), continue: next },
      });
      // The items of a list of the built-in kinds do not say what they are.
      for (const item of page.items)
        items.push(keep({ ...item, apiVersion: resource.apiVersion, kind: resource.kind }));
      next = page.metadata.continue ?? '';
      if (next === '') return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /**
   * What changes after `resourceVersion`, until the server ends the watch after about `seconds`.
   *
   * @throws {KubeApiError} 410 where that is forgotten: list again.
   */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    from: { readonly resourceVersion: string; readonly seconds: number },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const query = {
      ...selectors(selection),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from.resourceVersion,
      timeoutSeconds: String(from.seconds),
    };
    const request = { method: 'GET', path: withQuery(resourcePath(resource, selection.namespace), query) } as const;
    const response = await this.#opened(request, signal);
    try {
      for await (const line of linesOf(response)) yield watchEvent(line, request);
    } catch (cause) {
      if (cause instanceof KubeApiError) throw cause;
      throw new KubeUnreachableError(request, { cause });
    } finally {
      response.destroy();
    }
  }

  /**
   * What a pod of one container has written, line by line; with `follow` also what it goes on to write.
   *
   * @throws {KubeApiError} 400 while it has not begun.
   */
  async *log(pod: ObjectRef, { follow }: { readonly follow: boolean }, signal: AbortSignal): AsyncGenerator<string> {
    const path = resourcePath(PODS, pod.namespace, pod.name, 'log');
    const request = { method: 'GET', path: withQuery(path, { follow: follow ? 'true' : '' }) } as const;
    const response = await this.#opened(request, signal);
    try {
      const rest = yield* linesOf(response);
      if (rest !== '') yield rest;
    } catch (cause) {
      if (!signal.aborted) throw new KubeUnreachableError(request, { cause });
    } finally {
      response.destroy();
    }
  }

  /** Something of the API server that is no object: `/version`, or what a group has. */
  read<T>(path: string): Promise<T> {
    return this.#json<T>('GET', path, {});
  }

  /** `undefined` when there is none. */
  async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.#json<T>('GET', resourcePath(resource, ref.namespace, ref.name), {});
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** @throws {KubeApiError} 409 when there is one of that name. */
  create<T extends KubeObject>(resource: Resource<T>, object: Desired<T>): Promise<T> {
    return this.#write<T>('POST', resourcePath(resource, object.metadata.namespace ?? null), {
      query: this.#fieldOwner(),
      body: object,
    });
  }

  /** Asks what the API server answers and does not keep, such as whose a token is. */
  review<T extends KubeObject>(resource: Resource<T>, spec: object): Promise<T> {
    return this.#json<T>('POST', resourcePath(resource, null), {
      body: { apiVersion: resource.apiVersion, kind: resource.kind, spec },
    });
  }

  /** Replaces the whole object. @throws {KubeApiError} 409 when `metadata.resourceVersion` is not the newest. */
  replace<T extends KubeObject>(resource: Resource<T>, object: Desired<T>): Promise<T> {
    return this.#write<T>('PUT', pathOf(resource, object), { query: this.#fieldOwner(), body: object });
  }

  /**
   * Server-side apply: makes the named fields so, creates what is missing, removes fields that we applied before and
   * name no more, and leaves the fields of others alone. Fields that others own are taken over.
   *
   * @throws {KubeApiError} 409 when `metadata.uid` is given and another object has the name now.
   */
  apply<T extends KubeObject>(resource: Resource<T>, object: Desired<T>): Promise<T> {
    return this.#write<T>('PATCH', pathOf(resource, object), {
      query: { ...this.#fieldOwner(), force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: { ...object, apiVersion: resource.apiVersion, kind: resource.kind },
    });
  }

  /**
   * Replaces the status of the object that has this uid, and nothing else of it.
   *
   * A JSON patch: a merge patch would keep the fields of the status before that the new one does not have.
   *
   * @throws {KubeApiError} 404 when it is gone; 422, which says no more, when another object has its name now.
   */
  replaceStatus<T extends KubeObject>(resource: Resource<T>, of: T, status: object): Promise<T> {
    const { namespace = null, name, uid } = of.metadata;
    return this.#write<T>('PATCH', resourcePath(resource, namespace, name, 'status'), {
      query: this.#fieldOwner(),
      contentType: 'application/json-patch+json',
      body: [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'add', path: '/status', value: status },
      ],
    });
  }

  /** Merges fields into an object: `null` removes one, lists are replaced. */
  merge<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, patch: object): Promise<T> {
    return this.#write<T>('PATCH', resourcePath(resource, ref.namespace, ref.name), {
      query: this.#fieldOwner(),
      contentType: 'application/merge-patch+json',
      body: patch,
    });
  }

  /**
   * Asks for the deletion of an object; one that is gone already is fine.
   *
   * @param propagation what becomes of the objects it owns.
   * @throws {KubeApiError} 409 when a precondition does not hold.
   */
  async delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    propagation: 'Background' | 'Foreground' | 'Orphan',
    preconditions: DeletePreconditions = {},
  ): Promise<void> {
    try {
      await this.#write('DELETE', resourcePath(resource, ref.namespace, ref.name), {
        body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** An unknown field is refused instead of dropped: it would be a mistake of ours. */
  #fieldOwner(): Readonly<Record<string, string>> {
    return { fieldManager: this.#options.fieldManager, fieldValidation: 'Strict' };
  }

  /** A response that is read for as long as it comes, refused or begun in time. */
  async #opened(request: Pick<HttpRequest, 'method' | 'path'>, signal: AbortSignal): Promise<IncomingMessage> {
    // A server that does not even answer would hold us as long as one that says nothing.
    const opening = new AbortController();
    const timer = setTimeout(() => opening.abort(new Error('no answer in time')), this.#options.timeoutMs);
    const response = await this.#options.connection
      .open({ ...request, signal: AbortSignal.any([signal, opening.signal]) })
      .finally(() => clearTimeout(timer));
    if (response.statusCode === 200) return response;
    throw new KubeApiError(request, failureStatus(await text(response), response.statusCode ?? 0));
  }

  #write<T>(method: HttpRequest['method'], path: string, parts: RequestParts): Promise<T> {
    this.#fence?.check();
    return this.#json<T>(method, path, parts, this.#fence?.signal);
  }

  async #json<T>(
    method: HttpRequest['method'],
    path: string,
    { query = {}, contentType, body }: RequestParts,
    fence?: AbortSignal,
  ): Promise<T> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    const request: HttpRequest = {
      method,
      path: withQuery(path, query),
      signal: fence === undefined ? timeout : AbortSignal.any([timeout, fence]),
      ...(contentType === undefined ? {} : { contentType }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await this.#options.connection.open(request);
    const status = response.statusCode ?? 0;
    const answer = await bodyOf(response, request);
    if (status < 200 || status > 299) throw new KubeApiError(request, failureStatus(answer, status));
    return parsed(answer, request) as T;
  }
}

interface RequestParts {
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: object;
}

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

const pathOf = <T extends KubeObject>(resource: Resource<T>, { metadata }: Desired<T>): string =>
  resourcePath(resource, metadata.namespace ?? null, metadata.name);

const selectors = ({ labelSelector = '', fieldSelector = '' }: Selection) => ({ labelSelector, fieldSelector });

/** Empty values are left out. */
function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

async function bodyOf(response: AsyncIterable<Buffer>, request: HttpRequest): Promise<string> {
  try {
    return await text(response);
  } catch (cause) {
    throw new KubeUnreachableError(request, { cause });
  }
}

function parsed(answer: string, request: Pick<HttpRequest, 'method' | 'path'>): unknown {
  try {
    return JSON.parse(answer);
  } catch (cause) {
    throw new KubeUnreachableError(request, { cause });
  }
}

function watchEvent<T extends KubeObject>(line: string, request: Pick<HttpRequest, 'method' | 'path'>): WatchEvent<T> {
  const { type, object } = parsed(line, request) as { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T };
  switch (type as string) {
    case 'ERROR':
      throw new KubeApiError(request, failureStatus(JSON.stringify(object), null));
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: object.metadata.resourceVersion };
    default:
      return { type, object };
  }
}

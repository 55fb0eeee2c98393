// Where a message bus is, as one text: what kind of bus carries the messages follows from the scheme alone.

import { folderOf } from '../folder-of.ts';

/** A folder of this machine, or servers of NATS. */
export type BusAddress =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'nats';
      /** `host:port` each. */
      readonly servers: readonly string[];
      /** Whether nothing may be said before the server has shown its certificate. */
      readonly tls: boolean;
    };

/** For messages about an address that is none. */
export const BUS_ADDRESSES = 'file:///folder, nats://host:port or tls://host:port, the latter two also as a list';

const DEFAULT_PORT = '4222';

/**
 * Reads `file:///home/bus`, `nats://bus:4222`, or `tls://a:4222,tls://b:4222` for the servers of a cluster.
 *
 * @returns `undefined` for any other text, and for one with credentials in it: addresses are logged.
 */
export function tryBusAddress(text: string): BusAddress | undefined {
  const urls = text.split(',').map((part) => URL.parse(part.trim()));
  const [first] = urls;
  const folder = first && urls.length === 1 ? folderOf(first) : undefined;
  if (folder !== undefined) return { kind: 'folder', folder };
  const tls = first?.protocol === 'tls:';
  const servers = urls.flatMap((url) =>
    url !== null && url.protocol === (tls ? 'tls:' : 'nats:') && namesOnlyServer(url)
      ? [`${url.hostname}:${url.port || DEFAULT_PORT}`]
      : [],
  );
  return servers.length === urls.length ? { kind: 'nats', servers, tls } : undefined;
}

const namesOnlyServer = ({ hostname, username, password, pathname, search, hash }: URL): boolean =>
  hostname !== '' && `${username}${password}${search}${hash}` === '' && ['', '/'].includes(pathname);

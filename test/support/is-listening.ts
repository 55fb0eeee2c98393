import { once } from 'node:events';
import { createConnection, type NetConnectOpts } from 'node:net';

/** Whether anybody takes connections there. */
export async function isListening(where: NetConnectOpts): Promise<boolean> {
  const socket = createConnection(where);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

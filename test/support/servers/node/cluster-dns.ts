import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ControlPlane } from '../control-plane.ts';

export const CLUSTER_DOMAIN = 'cluster.local';

/** Of DNS messages, RFC 1035 section 4. */
const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;
const TTL_SECONDS = 1;

interface Question {
  readonly name: string;
  readonly type: number;
  /** As asked, to be repeated in the answer. */
  readonly bytes: Buffer;
}

/**
 * The names of headless services, as pods look them up: `SERVICE.NAMESPACE.svc.cluster.local` has the addresses of the
 * pods that are ready. Nothing else has a name. On other clusters CoreDNS does that.
 *
 * @param address where it listens, on port 53.
 */
export async function serveClusterNames(controlPlane: ControlPlane, address: string): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    answerTo(controlPlane, message).then(
      (answer) => socket.send(answer, from.port, from.address),
      // Whoever asks asks again.
      () => {},
    );
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function answerTo(controlPlane: ControlPlane, message: Buffer): Promise<Buffer> {
  const question = questionOf(message);
  const [service = '', namespace = '', ...domain] = question.name.split('.');
  const isOurs = domain.join('.') === `svc.${CLUSTER_DOMAIN}`;
  const addresses = isOurs ? await readyAddresses(controlPlane, service, namespace) : [];
  const answers = question.type === TYPE_A ? addresses.map(addressRecord) : [];
  const header = Buffer.alloc(HEADER_BYTES);
  message.copy(header, 0, 0, 2);
  // A response, with authority; recursion, wanted or not, is there.
  header.writeUInt16BE(0x8580 | (addresses.length === 0 ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question.bytes, ...answers]);
}

function questionOf(message: Buffer): Question {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return {
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    bytes: message.subarray(HEADER_BYTES, at + 5),
  };
}

/** The name is that of the question, at the start of the message. */
function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  return Buffer.concat([record, Buffer.from(address.split('.').map(Number))]);
}

async function readyAddresses({ kubectl }: ControlPlane, service: string, namespace: string): Promise<string[]> {
  const selector = `--selector=kubernetes.io/service-name=${service}`;
  const { items } = JSON.parse(
    await kubectl(['get', 'endpointslices', `--namespace=${namespace}`, selector, '--output=json']),
  );
  return items.flatMap(({ endpoints }: { endpoints: Endpoint[] | null }) =>
    (endpoints ?? []).filter(({ conditions }) => conditions.ready).flatMap(({ addresses }) => addresses),
  );
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready: boolean };
}

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { Resource, Stored } from '#platform/kube/kube-object.ts';
import { ListAndWatch } from '#platform/kube/list-and-watch.ts';
import type { ObjectCache } from '#platform/kube/object-cache.ts';
import { aKubeClient } from '../../kube/a-kube-client.ts';
import { RecordingLogger } from '../../recording-logger.ts';
import type { ControlPlane } from '../control-plane.ts';

type EndpointSlice = Stored<V1EndpointSlice>;

const ENDPOINT_SLICES: Resource<EndpointSlice> = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
};

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
  const slices = new ListAndWatch<EndpointSlice>({
    client: aKubeClient(controlPlane.kubeconfig),
    resource: ENDPOINT_SLICES,
    selection: { namespace: null },
    changed: () => {},
    silenceMs: 120_000,
    watchSeconds: 300,
    backoff: { firstMs: 100, longestMs: 1000 },
    clock: systemClock,
    random: Math.random,
    log: new RecordingLogger(),
  });
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => socket.send(answerTo(slices.cache, message), from.port, from.address));
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
      await slices[Symbol.asyncDispose]();
    },
  };
}

function answerTo(slices: ObjectCache<EndpointSlice>, message: Buffer): Buffer {
  const question = questionOf(message);
  const [service = '', namespace = '', ...domain] = question.name.split('.');
  const isOurs = domain.join('.') === `svc.${CLUSTER_DOMAIN}`;
  const addresses = isOurs ? readyAddresses(slices, service, namespace) : [];
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

function readyAddresses(slices: ObjectCache<EndpointSlice>, service: string, namespace: string): string[] {
  return slices
    .withLabel('kubernetes.io/service-name', service)
    .filter(({ metadata }) => metadata.namespace === namespace)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready)
    .flatMap(({ addresses }) => addresses);
}

import type { BusFinding } from '#platform/bus/check-bus.ts';
import type { Cluster, ClusterObjects } from '../cluster.ts';
import { type Check, type CheckedFinding, examine, fault, isHealthy, ok, warning } from './check.ts';
import {
  acceleratorCheck,
  apiServerCheck,
  controllerCheck,
  controllerRightsCheck,
  kindChecks,
  ownRightsChecks,
} from './cluster-checks.ts';
import { storeChecks } from './store-checks.ts';

/** All of a cluster but its store and bus; of one that gives no answer only that. */
export async function examineCluster({
  probe,
  address,
  explained,
  ownRights,
  controllerRights,
}: Cluster): Promise<CheckedFinding[]> {
  const reached = await examine([apiServerCheck(probe, address, explained)]);
  if (!isHealthy(reached)) return reached;
  const others = await examine([
    ...kindChecks(probe),
    ...ownRightsChecks(probe, address, ownRights),
    controllerCheck(probe, address, () => new Date()),
    controllerRightsCheck(probe, address, controllerRights),
    acceleratorCheck(probe),
  ]);
  return [...reached, ...others];
}

const AS_THE_CONTROLLER = 'as the controller has it: kubectl describe deployment -l app.kubernetes.io/name=pentafold';

/** @param open `null`: it is not known where the store is. */
export async function examineStore(open: (() => ClusterObjects) | null): Promise<CheckedFinding[]> {
  if (open === null)
    return [
      { name: 'store', ...warning('not tried: OBJECTS is not set', `set OBJECTS and S3_*, ${AS_THE_CONTROLLER}`) },
    ];
  let opened: ClusterObjects;
  try {
    opened = open();
  } catch (error) {
    return [{ name: 'store', ...fault(messageOf(error), 'set OBJECTS, S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY') }];
  }
  const { checks, tidy } = storeChecks(opened.store, opened.partBytes);
  const findings = await examine([...checks, ...credentialChecks(opened.checkCredentials)]);
  try {
    await tidy();
    return findings;
  } catch (error) {
    return [
      ...findings,
      { name: 'store', ...warning(`what was tried is still there: ${messageOf(error)}`, 'delete doctor-*') },
    ];
  }
}

const credentialChecks = (tried: ClusterObjects['checkCredentials']): Check[] =>
  tried === null
    ? []
    : [
        {
          name: 'store credentials of workers',
          async look() {
            await tried();
            return ok('temporary ones are given, and are good for nothing else');
          },
        },
      ];

/** @param check `null`: it is not known where the bus is. */
export async function examineBus(check: (() => Promise<readonly BusFinding[]>) | null): Promise<CheckedFinding[]> {
  if (check === null)
    return [{ name: 'bus', ...warning('not tried: BUS is not set', `set BUS and NATS_*, ${AS_THE_CONTROLLER}`) }];
  try {
    return (await check()).map(({ name, ok: isOk, detail, remedy }) => ({
      ...{ name, detail, remedy },
      level: isOk ? 'ok' : 'fault',
    }));
  } catch (error) {
    return [
      { name: 'bus', ...fault(messageOf(error), 'set BUS to nats://host:port, and NATS_* as docs/nats.md says') },
    ];
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

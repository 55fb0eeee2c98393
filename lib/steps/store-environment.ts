import * as z from 'zod';
import { requiredText } from '#formats/environment.ts';
import { BUS_ADDRESSES, tryBusAddress } from '#platform/bus/bus-address.ts';
import { NATS_VARIABLES, natsEnvironment } from '#platform/bus/nats-config.ts';
import { OBJECT_ADDRESSES, tryObjectAddress } from '#platform/objects/object-address.ts';
import { s3Environment } from '#platform/objects/s3-config.ts';

/** A variable that `read` understands. @param expected for the message about one that it does not. */
const address = <T>(read: (text: string) => T | undefined, expected: string) =>
  requiredText.transform((text, context) => {
    const found = read(text);
    if (found !== undefined) return found;
    context.addIssue(`must be ${expected}`);
    return z.NEVER;
  });

const variables = z.object({
  OBJECTS: address(tryObjectAddress, OBJECT_ADDRESSES),
  BUS: address(tryBusAddress, BUS_ADDRESSES),
});

/** Where results and messages are kept: the part of the environment that a controller and its steps share. */
export const storeEnvironment = variables
  .transform((env) => ({
    /** Of the object store. */
    objects: env.OBJECTS,
    /** Of the message bus. */
    bus: env.BUS,
  }))
  .and(natsEnvironment)
  .and(s3Environment);

/** Names of those of its variables that hold no secret. */
export const OPEN_STORE_VARIABLES: readonly string[] = [
  ...Object.keys(variables.shape),
  ...['S3_ENDPOINT', 'S3_REGION'],
  ...NATS_VARIABLES,
];

export type StoreConfig = z.infer<typeof storeEnvironment>;

/** Name of the Lease that the leading controller of a namespace holds. */
export const CONTROLLER_LEASE = 'pentafold-controller';

/** How a controller signs the Lease: a pod that starts anew is another holder. @param unique without a dash. */
export const leaseHolder = (pod: string, unique: string): string => `${pod}-${unique}`;

/** Name of the pod whose controller signed so. */
export const podOfHolder = (holder: string): string => holder.slice(0, Math.max(0, holder.lastIndexOf('-')));

import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { BusAddress } from './bus-address.ts';
import { LocalBus } from './local-bus.ts';
import type { MessageBus } from './message-bus.ts';
import { NatsBus } from './nats-bus.ts';
import type { NatsConfig } from './nats-config.ts';

/** What a bus is opened with, of whichever kind it is. */
export interface BusSettings {
  readonly address: BusAddress;
  readonly nats: NatsConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The bus that an address names. Nothing is made or reached before it is used. */
export function openBus({ address, nats, clock, log }: BusSettings): MessageBus {
  switch (address.kind) {
    case 'folder':
      return new LocalBus({ directory: address.folder, clock, pollMs: 500 });
    case 'nats': {
      const access = { servers: address.servers, requiresTls: address.tls, ...nats };
      return new NatsBus({ access, stream: nats, clock, log });
    }
  }
}

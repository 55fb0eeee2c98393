import { describe, expect, test } from 'vitest';
import { tryBusAddress } from './bus-address.ts';

const nats = (...servers: string[]) => ({ kind: 'nats', servers, tls: false });

describe('tryBusAddress', () => {
  test.each([
    { text: 'file:///home/a%20b/bus', want: { kind: 'folder', folder: '/home/a b/bus' } },
    { text: 'nats://bus:4223', want: nats('bus:4223') },
    { text: 'nats://bus', want: nats('bus:4222') },
    { text: 'nats://bus/', want: nats('bus:4222') },
    { text: 'nats://[::1]:5000', want: nats('[::1]:5000') },
    { text: 'nats://a:1, nats://b:2', want: nats('a:1', 'b:2') },
    { text: 'tls://a,tls://b', want: { kind: 'nats', servers: ['a:4222', 'b:4222'], tls: true } },
  ])('$text', ({ text, want }) => {
    expect(tryBusAddress(text)).toEqual(want);
  });

  test.each([
    { name: 'nothing', text: '' },
    { name: 'a path', text: '/home/bus' },
    { name: 'another scheme', text: 'https://bus' },
    { name: 'a folder of another machine', text: 'file://machine/bus' },
    { name: 'a folder with an escaped slash', text: 'file:///a%2Fb' },
    { name: 'a folder and a server', text: 'file:///bus,nats://bus' },
    { name: 'a server in the clear among others', text: 'tls://a,nats://b' },
    { name: 'a list with a gap', text: 'nats://a,,nats://b' },
    { name: 'a server without a name', text: 'nats://' },
    { name: 'a port that is none', text: 'nats://bus:99999' },
    { name: 'a password', text: 'nats://user:secret@bus' },
    { name: 'a token', text: 'nats://token@bus' },
    { name: 'a path on the server', text: 'nats://bus/stream' },
  ])('is not $name', ({ text }) => {
    expect(tryBusAddress(text)).toBeUndefined();
  });
});

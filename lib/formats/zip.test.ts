import { describe, expect, it } from 'vitest';
import { readZip, ZipUnreadableError, ZipWriter } from './zip.ts';

function aZip(): Uint8Array {
  const zip = new ZipWriter();
  return Buffer.concat([
    ...zip.add('a/stored.txt', Buffer.from('as it is'), 'stored'),
    ...zip.add('Größe', Buffer.alloc(5000, 7), 'deflated'),
    zip.end(),
  ]);
}

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
};

/** Where the directory's record of the first entry begins. */
const directoryAt = (bytes: Uint8Array) => Buffer.from(bytes).indexOf('PK\x01\x02');

describe('a zip', () => {
  it('gives back every entry by name, stored or deflated', () => {
    const entries = readZip(aZip());
    expect([...entries.keys()]).toEqual(['a/stored.txt', 'Größe']);
    expect(Buffer.from(entries.get('a/stored.txt')?.() ?? []).toString()).toBe('as it is');
    expect(entries.get('Größe')?.()).toEqual(Buffer.alloc(5000, 7));
  });

  it('may have a comment behind it', () => {
    const bytes = aZip();
    const commented = Buffer.concat([changed(bytes, bytes.length - 2, 3), Buffer.from('abc')]);
    expect([...readZip(commented).keys()]).toEqual(['a/stored.txt', 'Größe']);
  });

  it('is refused when it is cut off or is none', () => {
    const bytes = aZip();
    for (const part of [bytes.subarray(0, -1), bytes.subarray(40), new Uint8Array(0), Buffer.from('hello')])
      expect(() => readZip(part)).toThrow(ZipUnreadableError);
  });

  it('is refused with an encrypted entry, one packed in another way, or one reaching out of the file', () => {
    const bytes = aZip();
    const at = directoryAt(bytes);
    expect(() => readZip(changed(bytes, at + 8, 1))).toThrow('a/stored.txt is encrypted');
    expect(() => readZip(changed(bytes, at + 10, 12))).toThrow('packed with method 12');
    expect(() => readZip(changed(bytes, at + 22, 0x7f))).toThrow('the zip ends inside a/stored.txt');
    expect(() => readZip(changed(bytes, at, 0))).toThrow('the directory of the zip is damaged');
  });

  it('is refused with two entries of one name', () => {
    const zip = new ZipWriter();
    const twice = [1, 2].flatMap(() => zip.add('a', Buffer.from('a'), 'stored'));
    expect(() => readZip(Buffer.concat([...twice, zip.end()]))).toThrow('two entries a');
  });

  it('does not give an entry whose bytes were changed', () => {
    const bytes = aZip();
    const at = Buffer.from(bytes).indexOf('as it is');
    expect(readZip(changed(bytes, at, 0x41)).get('a/stored.txt')).toThrow('its checksum differs');
  });

  it('does not unpack an entry that is larger than its reader takes', () => {
    const entry = readZip(aZip()).get('Größe');
    expect(() => entry?.(4999)).toThrow('Größe holds 5000 bytes, expected at most 4999');
    expect(entry?.(5000).length).toBe(5000);
  });

  it('does not unpack more than it states', () => {
    const bytes = aZip();
    const second = Buffer.from(bytes).indexOf('PK\x01\x02', directoryAt(bytes) + 4);
    expect(readZip(changed(bytes, second + 25, 1)).get('Größe')).toThrow('does not unpack to the');
  });
});

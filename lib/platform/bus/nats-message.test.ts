import { describe, expect, test } from 'vitest';
import { toEnvelope, tryMessage } from './nats-message.ts';

const message = { subject: 'metrics.uid.2d.0', id: 'a b\r\n:ü', body: { loss: 0.5, dice: [null, 1] } };

describe('an envelope', () => {
  test('gives the message back', () => {
    expect(tryMessage('pentafold', toEnvelope('pentafold', message))).toEqual(message);
  });

  test('holds a body as plain JSON and an id that fits a header', () => {
    const { payload, ...rest } = toEnvelope('pentafold', message);
    expect(rest).toEqual({
      subject: 'pentafold.metrics.uid.2d.0',
      messageId: 'metrics.uid.2d.0:a%20b%0D%0A%3A%C3%BC',
    });
    expect(new TextDecoder().decode(payload)).toBe('{"loss":0.5,"dice":[null,1]}');
  });

  test.each([
    { name: 'without an id', change: { messageId: '' } },
    { name: 'with the id of another subject', change: { messageId: 'metrics.uid.2d.1:1' } },
    { name: 'with an id that is not encoded as ours', change: { messageId: 'metrics.uid.2d.0:%' } },
    { name: 'with a body that is no JSON', change: { payload: new Uint8Array() } },
  ])('$name is not ours', ({ change }) => {
    expect(tryMessage('pentafold', { ...toEnvelope('pentafold', message), ...change })).toBeUndefined();
  });
});

import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { startNats } from '#test/servers/nats.ts';

await describeWithServers('a NATS server for tests', ['nats'], () => {
  it('keeps what a stream holds through a hard kill, and comes back on the same port', async () => {
    await using nats = await startNats();
    const stream = { name: 'KEPT', subjects: ['kept.>'], storage: 'file' };
    expect(await ask(nats.url, '$JS.API.STREAM.CREATE.KEPT', JSON.stringify(stream))).toContain('"name":"KEPT"');
    expect(JSON.parse(await ask(nats.url, 'kept.a', 'a message'))).toEqual({ stream: 'KEPT', seq: 1 });

    await nats.kill();
    await expect(ask(nats.url, 'kept.a', 'another')).rejects.toThrow('ECONNREFUSED');

    await nats.restart();
    const kept = JSON.parse(await ask(nats.url, '$JS.API.STREAM.MSG.GET.KEPT', '{"seq":1}'));
    expect(Buffer.from(kept.message.data, 'base64').toString()).toBe('a message');
  });

  it('runs beside another', async () => {
    await using one = await startNats();
    await using other = await startNats();
    expect(one.url).not.toBe(other.url);
  });
});

/** One request and its answer, in the protocol's own words: the test is about the server, not about a client. */
async function ask(url: string, subject: string, payload: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  try {
    socket.write(
      `CONNECT {"verbose":false}\r\nSUB answer 1\r\nPUB ${subject} answer ${Buffer.byteLength(payload)}\r\n`,
    );
    socket.write(`${payload}\r\n`);
    let answerIsNext = false;
    for await (const line of createInterface(socket)) {
      if (answerIsNext) return line;
      answerIsNext = line.startsWith('MSG answer ');
    }
    throw new Error(`the server closed the connection instead of answering ${subject}`);
  } finally {
    socket.destroy();
  }
}

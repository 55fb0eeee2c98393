// Runs on a private machine: answers on a socket that is a file, and so is seen from outside, until it is ended.

import { createServer } from 'node:net';

createServer((client) => client.end()).listen(process.env.SOCKET);

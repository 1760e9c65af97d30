import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { isAnotherUsers, ownersIn } from './socket-owner.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:211C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:211C 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 112 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:D431 0100007F:211C 01 00000000:00000000 00:00000000 00000000  1001        0 113 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:D432 0100007F:211C 06 00000000:00000000 00:00000000 00000000     0        0 0 3 0000000000000000
`;

test('a table of Linux tells the user of the far end', () => {
  expect(ownersIn(TABLE, 0xd431, 0x211c)).toEqual([1001]);
  expect(ownersIn(TABLE, 0xd432, 0x211c)).toEqual([]);
  expect(ownersIn('', 1, 2)).toEqual([]);
});

test('a connection of this user is no other user’s', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const taken = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const { connect } = await import('node:net');
  const client = connect(port, '127.0.0.1');
  const socket = await taken;
  expect(isAnotherUsers(socket)).toBe(false);
  client.destroy();
  socket.destroy();
  server.close();
});

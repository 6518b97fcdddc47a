// The process that makes copies of a listening handle (doors.ts): it gets one, sends it back as often as
// it is told, and ends. It accepts nobody: who comes to it in that moment is told to come again. It must
// not outlive its instance: it would hold the port and send everybody away.

import type { Server } from 'node:net';

process.once('disconnect', () => process.exit(0));
// An instance that ended while this process was starting: nobody tells of that any more.
if (!process.connected) process.exit(0);
process.once('message', (copies: number, handle: unknown) => {
  const server = handle as Server;
  server.on('connection', (socket) => socket.destroy());
  let left = copies;
  for (let i = 0; i < copies; i += 1) {
    process.send?.('copy', server, { keepOpen: true }, () => {
      left -= 1;
      if (left === 0) server.close(() => process.exit(0));
    });
  }
});

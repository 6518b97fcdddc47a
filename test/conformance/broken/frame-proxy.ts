// Stands between clients and a server, and passes frames and close codes on as a mistake wants
// them.

import { WebSocket, WebSocketServer } from 'ws';
import type { Frame, FrameSeam } from './mistake.js';

export async function startFrameProxy(
  port: number,
  innerPort: number,
  seam: () => FrameSeam,
): Promise<{ close(): Promise<void> }> {
  const proxy = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false });
  await new Promise((resolve) => proxy.once('listening', resolve));
  proxy.on('connection', (client) => {
    const { toClient, toServer, closeCode = (code) => code } = seam();
    const server = new WebSocket(`ws://127.0.0.1:${innerPort}`, { perMessageDeflate: false });
    const early: string[] = [];
    const pass = (to: WebSocket, frame: Frame | string): void => {
      const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
      if (to.readyState === WebSocket.CONNECTING) early.push(text);
      else if (to.readyState === WebSocket.OPEN) to.send(text);
    };
    server.on('open', () => early.splice(0).forEach((text) => server.send(text)));
    client.on('message', (data: Buffer) => {
      const frame = parse(data);
      const passed =
        typeof frame === 'string'
          ? [frame]
          : (toServer?.(frame, (said) => pass(client, said)) ?? [frame]);
      for (const one of passed) pass(server, one);
    });
    server.on('message', (data: Buffer) => {
      const frame = parse(data);
      const passed = typeof frame === 'string' ? [frame] : (toClient?.(frame) ?? [frame]);
      for (const one of passed) pass(client, one);
    });
    client.on('close', () => server.terminate());
    server.on('close', (inner) => {
      const code = closeCode(inner);
      if (code === 1005 || code === 1006) client.terminate();
      else client.close(code);
    });
    for (const socket of [client, server]) socket.on('error', () => undefined);
  });
  return {
    close: () => {
      for (const client of proxy.clients) client.terminate();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}

function parse(data: Buffer): Frame | string {
  const text = data.toString('utf8');
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return text;
  }
}

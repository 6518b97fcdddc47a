// A TLS port in front of a plain one, as a managed service's load balancer is: what comes in is passed on.
import net, { type AddressInfo } from 'node:net';
import tls, { type TlsOptions } from 'node:tls';

export interface TlsFront {
  readonly port: number;
  /** Connections that got through the handshake, and their client's name if it showed a certificate. */
  readonly clients: readonly (string | undefined)[];
  close(): Promise<void>;
}

export async function startTlsFront(
  options: TlsOptions,
  behind: { readonly host: string; readonly port: number },
): Promise<TlsFront> {
  const sockets = new Set<net.Socket>();
  const clients: (string | undefined)[] = [];
  const server = tls.createServer(options, (incoming) => {
    const subject = incoming.getPeerCertificate().subject as { CN?: string } | undefined;
    clients.push(subject?.CN);
    const outgoing = net.connect(behind);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

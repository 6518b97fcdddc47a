// The reference Messaging server: what serves any service, with Messaging in it.

import { createMessages } from './messages.js';
import {
  startServiceServer,
  type ServiceServer,
  type ServiceServerOptions,
} from '../server/service-server.js';

export type MessagingServer = ServiceServer;
export type MessagingServerOptions = Omit<ServiceServerOptions, 'create'>;

export function startMessagingServer(options: MessagingServerOptions): Promise<MessagingServer> {
  return startServiceServer({ ...options, create: createMessages });
}

// `evenkeel/client` for browsers, and for whatever has a WebSocket of its own.

export {
  connect,
  ConnectFailedError,
  SendFailedError,
  SessionDeniedError,
  SessionUnavailableError,
  type Client,
  type ConnectOptions,
  type OpenSocket,
  type SocketLike,
} from '../client/client.js';
export type {
  ClientPhase,
  ClientSession,
  FinishedMove,
  ReceivedMessage,
  StopReason,
} from '../core/handover/client-types.js';

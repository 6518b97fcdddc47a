// Loaded before the built Messaging (`node --import`): clients that are moved are closed without a word.
import { WebSocket } from 'ws';

const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data, ...rest) {
  if (!String(data).startsWith('{"type":"disconnect"')) send.call(this, data, ...rest);
};

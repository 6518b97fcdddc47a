// `evenkeel/client` for Node, whose version 20 has no WebSocket: the same names, with `ws` behind them.

export * from './client.js';
export { connect } from '../client/node.js';

// `evenkeel/instance`: what a service embeds.

export { startInstance } from '../instance/start.js';
export type * from '../instance/api.js';

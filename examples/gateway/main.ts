// The process of one instance of the device gateway: what a platform starts.

import { runInstance } from '../../src/package/instance.js';
import { createGateway } from './service.js';

await runInstance(createGateway);

// A program as small as an instance can be: a probe, a page that shows its environment, and faults
// on demand by environment: NEVER_READY, IGNORE_TERM, EXIT_AT_ONCE.
import { createServer } from 'node:http';

if (process.env.EXIT_AT_ONCE) process.exit(7);
if (process.env.IGNORE_TERM) process.on('SIGTERM', () => console.log('told to end, going on'));

createServer((request, response) => {
  const ready = request.url === '/healthz/ready' && !process.env.NEVER_READY;
  response.writeHead(ready ? 200 : 503).end('{}');
}).listen(Number(process.env.EVENKEEL_PROBE_PORT), '127.0.0.1');

createServer((_request, response) => response.end(JSON.stringify(process.env))).listen(
  Number(process.env.EVENKEEL_PORT),
  '127.0.0.1',
);
console.log(`${process.env.EVENKEEL_INSTANCE} started`);

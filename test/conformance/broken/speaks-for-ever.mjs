// Loaded before the built Messaging (`node --import`): a lease that never lapses. What a process does
// that was stopped by SIGSTOP and checks the time only now and then.
const { Lease } = await import(
  new URL('../../../dist/src/core/handover/lease.js', import.meta.url).href
);
Lease.prototype.speaks = () => true;

// Histories of a service that keeps the rules, generated, and the same with one welcome that does not.
// fast-check prints the seed of a failure.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceScript, type EvidenceScript } from './evidence-script.js';

describe('the check of evidence, on generated histories', () => {
  /** Steps of a correct service with two instances, one partition and a few clients. */
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('connect', 'leave', 'move', 'crash'),
      who: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 60 },
  );

  function play(history: readonly { what: string; who: number }[]): {
    log: EvidenceScript;
    holder: string;
    revision: number;
    connected: Map<number, string>;
  } {
    const log = evidenceScript();
    let revision = 1;
    let [own, other] = ['A1', 'B1'];
    let lives = 1;
    let connections = 0;
    let last = log.acquired(0, own, 1, null);
    const connected = new Map<number, string>();
    for (const { what, who } of history) {
      const name = `u${who}/phone`;
      const connection = connected.get(who);
      if (what === 'connect' && connection === undefined) {
        connections += 1;
        connected.set(who, `c${connections}`);
        log.opened(0, name, `c${connections}`, own, revision);
      } else if (what === 'leave' && connection !== undefined) {
        connected.delete(who);
        log.closed(0, name, connection, own, 'bye');
      } else if (what === 'move') {
        revision += 1;
        for (const [at, id] of connected) log.closed(0, `u${at}/phone`, id, own);
        connected.clear();
        last = log.acquired(0, other, revision, log.released(0, own, revision, last));
        [own, other] = [other, own];
      } else if (what === 'crash') {
        lives += 1;
        log.fencedFor(0, own);
        log.fenced(own);
        connected.clear();
        own = `${own[0]}${lives}`;
        last = log.acquired(0, own, revision, last);
      }
    }
    return { log, holder: own, revision, connected };
  }

  it('accepts every history of a service that keeps the rules', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { log, connected } = play(history);
        const report = log.check(1);
        expect(report).toMatchObject({ ok: true, void: 0, ownershipGaps: [] });
        const isUsed = log.records().some(({ topic }) => topic === 's.sessions');
        expect(report.truncated).toBe(!isUsed);
        expect(report.unclosed).toBe(connected.size);
      }),
    );
  });

  it('finds the one welcome that breaks the rules, whatever came before', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { log, revision } = play([...history, { what: 'connect', who: 0 }]);
        log.opened(0, 'u0/phone', 'rogue', 'Z1', revision);
        const report = log.check(1);
        expect(report).toMatchObject({ ok: false, overlaps: 1 });
        expect(report.violations['opened-without-ownership']).toBe(1);
        expect(report.first).toMatchObject({ kind: 'overlap', incarnation: 'Z1' });
      }),
    );
  });
});

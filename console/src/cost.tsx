// Owns: what a rebalance would cost, in the question that comes before it: asked of the server as soon as the
// number stands still, and never a reason to wait with the answer.

import { useEffect, useState } from 'preact/hooks';
import type { CostAnswer, Me } from '../../src/console/picture.js';
import { askCost } from './server.js';

/** Typing a number of two digits asks once. */
const stillMs = 400;

export function Cost(props: {
  readonly service: string;
  /** As typed; empty: as many as now. */
  readonly instances: string;
  readonly me: Me;
}) {
  const { service, instances, me } = props;
  const [found, setFound] = useState<CostAnswer | null>(null);
  useEffect(() => {
    let isOver = false;
    setFound(null);
    const wish = instances === '' ? { service } : { service, instances: Number(instances) };
    const timer = window.setTimeout(
      () => void askCost(wish, me).then((answer) => isOver || setFound(answer)),
      instances === '' ? 0 : stillMs,
    );
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [service, instances]);
  return (
    <div class="cost" role="status">
      <h3>What it would cost now</h3>
      {found === null ? (
        <p class="note">Planning …</p>
      ) : (
        <ul class={found.ok ? '' : 'unknown'}>
          {found.lines.map((line, index) => (
            <li key={index}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

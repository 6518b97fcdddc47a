// Owns: the partition space as a bar: each piece in its owner's colour with its ordinal; a piece in flight
// shows above whose it is and below, hatched, whose it will be. Beneath it who gives what to whom, as text.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Move, Now, Segment } from '../../src/console/picture.js';
import { Instance, ordinalOf, ownerClass } from './ordinal.js';
import { count, plural } from './words.js';

const heightPx = 72;
/** Narrower pieces have no room for a number. */
const labelMinPx = 15;

export function PartitionBar({ now, found }: { readonly now: Now; readonly found: number | null }) {
  const { segments, partitions } = now;
  const frame = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const at = (partition: number) => (partitions === 0 ? 0 : (partition / partitions) * widthPx);
  return (
    <div>
      <div ref={frame} class="bar">
        {widthPx > 0 && partitions > 0 && (
          <svg
            width={widthPx}
            height={heightPx}
            role="img"
            aria-label={spaceText(now)}
            data-moving={segments.filter(isMoving).length}
          >
            <Patterns />
            {segments.map((segment) => (
              <Piece
                key={segment[0]}
                segment={segment}
                x={at(segment[0])}
                end={at(segment[1] + 1)}
              />
            ))}
            {found !== null && found < partitions && (
              <path class="caret" d={`M${at(found + 0.5)} 0v${heightPx}`} />
            )}
          </svg>
        )}
      </div>
      {partitions > 0 && (
        <div class="axis" aria-hidden="true">
          <span>0</span>
          {[0.25, 0.5, 0.75].map((share) => (
            <span key={share}>{count(Math.round(partitions * share))}</span>
          ))}
          <span>{count(Math.max(0, partitions - 1))}</span>
        </div>
      )}
      {!now.isStoredKnown && <p class="empty">Not known: ConfigDB does not answer.</p>}
      {now.settled === null && now.revision !== null && (
        <p class="note">As it shall be: who holds what is not known just now.</p>
      )}
      <Moves moves={now.moves} />
    </div>
  );
}

const isMoving = ([, , owner, target]: Segment) => owner !== target;

function Piece({ segment, x, end }: { segment: Segment; x: number; end: number }) {
  const [, , owner, target] = segment;
  const width = Math.max(0.5, end - x);
  const middle = x + width / 2;
  const half = heightPx / 2;
  const label = (name: string | null, y: number, mark = '') =>
    width >= labelMinPx && (
      <text x={middle} y={y} class="piece-label">
        {`${width >= labelMinPx * 2 ? mark : ''}${ordinalOf(name) ?? '–'}`}
      </text>
    );
  if (!isMoving(segment)) {
    return (
      <g class={ownerClass(owner)}>
        <rect x={x} y={0} width={width} height={heightPx} class="piece" />
        {label(owner, half)}
      </g>
    );
  }
  return (
    <g>
      <g class={ownerClass(owner)}>
        <rect x={x} y={0} width={width} height={half} class="piece" />
        {label(owner, half / 2)}
      </g>
      <g class={`${ownerClass(target)} target`}>
        <rect x={x} y={half} width={width} height={half} class="piece" />
        <rect x={x} y={half} width={width} height={half} class="flight" />
        {label(target, half * 1.5, '→')}
      </g>
    </g>
  );
}

function Patterns() {
  return (
    <defs>
      <pattern
        id="flight"
        width="10"
        height="10"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="3" height="10" class="hatch" />
      </pattern>
    </defs>
  );
}

function Moves({ moves }: { readonly moves: readonly Move[] }) {
  if (moves.length === 0) return null;
  return (
    <ul class="moves" aria-label="In flight">
      {moves.map(({ from, to, partitions, clients, ranges }) => (
        <li key={`${from} ${to}`}>
          <Instance name={from} /> <span class="arrow">→</span> <Instance name={to} />
          <span class="figure">
            {plural(clients, 'client')} in {plural(partitions, 'partition')}
          </span>
          <span class="ranges">{ranges}</span>
        </li>
      ))}
    </ul>
  );
}

function spaceText({ partitions, instances, moves }: Now): string {
  const own = instances.map(({ name, partitions: n }) => `${name} holds ${n}`).join(', ');
  const moving = moves.reduce((sum, move) => sum + move.partitions, 0);
  const flight = moving === 0 ? 'none in flight' : `${moving} in flight`;
  return `${plural(partitions, 'partition')}: ${own === '' ? 'nobody holds any' : own}; ${flight}`;
}

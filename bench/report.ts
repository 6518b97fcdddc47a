// Owns: the shape of a benchmark report (protocol.md, reports) and the facts about the machine.
// Never measures anything.
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** Figures by name, nested where a case has checkpoints. */
export type Figures = Readonly<Record<string, unknown>>;

export interface PeerFigures extends Figures {
  readonly name: string;
  readonly version: string;
}

export interface BenchCase {
  readonly name: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly ours: Figures;
  readonly peers: readonly PeerFigures[];
  /** Peers that were not run, and why: a missing figure must not look like a good one. */
  readonly omitted?: readonly { readonly name: string; readonly why: string }[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
}

export interface Report {
  readonly cases: readonly BenchCase[];
  readonly machine: Machine;
  /** A sampled run says nothing about speed. */
  readonly quick: boolean;
}

export function machineFacts(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    os: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
}

/** For people: what it is, and what runs on it. */
export function machineLines({ cpu, cores, memoryGb, os, node }: Machine): [string, string] {
  return [`${cpu}, ${cores} cores, ${memoryGb} GB`, `${os}, Node ${node}`];
}

// Collects the actions of one event, batched by kind, in the order in which a driver should carry
// them out. Owns nothing else.

import type { MoveNoticeReason, OwnershipChange } from '../records.js';
import type { Action } from './phase.js';

export class Steps {
  private warmed: number[] = [];
  private forgotten: number[] = [];
  private records: OwnershipChange[] = [];
  private served: number[] = [];
  private others: Action[] = [];
  private reportWanted = false;

  warm(partition: number): void {
    this.warmed.push(partition);
  }
  forget(partition: number): void {
    this.forgotten.push(partition);
  }
  append(record: OwnershipChange): void {
    this.records.push(record);
  }
  serve(partition: number): void {
    this.served.push(partition);
  }
  drain(
    partitions: readonly number[],
    reason: MoveNoticeReason,
    url: string | null,
    revision: number,
    acceptPerSecond: number,
  ): void {
    this.others.push({ kind: 'drain', partitions, reason, url, revision, acceptPerSecond });
  }
  turnAway(partition: number, url: string | null, revision: number): void {
    this.others.push({ kind: 'turn-away', partitions: [partition], url, revision });
  }
  fence(incarnation: string): void {
    this.others.push({ kind: 'fence', incarnation });
  }
  answerWarmed(rebalance: string, partitions: number): void {
    this.others.push({ kind: 'answer-warmed', rebalance, partitions });
  }
  alarm(text: string): void {
    this.others.push({ kind: 'alarm', text });
  }
  report(): void {
    this.reportWanted = true;
  }

  /** Everything decided since the last call: what clients wait for comes first. */
  take(): readonly Action[] {
    const actions: Action[] = [];
    if (this.records.length > 0) actions.push({ kind: 'append', records: this.records });
    if (this.served.length > 0) actions.push({ kind: 'serve', partitions: this.served });
    actions.push(...this.others);
    if (this.warmed.length > 0) actions.push({ kind: 'warm', partitions: this.warmed });
    if (this.forgotten.length > 0) actions.push({ kind: 'forget', partitions: this.forgotten });
    if (this.reportWanted) actions.push({ kind: 'report' });
    this.warmed = [];
    this.forgotten = [];
    this.records = [];
    this.served = [];
    this.others = [];
    this.reportWanted = false;
    return actions;
  }
}

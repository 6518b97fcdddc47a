// Owns: the search attributes of protocol.md §6, as keys for whoever sets or registers them. The
// server takes at most three of type Int, and these are three.

import { defineSearchAttributeKey } from '@temporalio/common';

export const serviceAttribute = defineSearchAttributeKey('EvenkeelService', 'KEYWORD');
export const phaseAttribute = defineSearchAttributeKey('EvenkeelPhase', 'KEYWORD');
export const outcomeAttribute = defineSearchAttributeKey('EvenkeelOutcome', 'KEYWORD');
export const revisionAttribute = defineSearchAttributeKey('EvenkeelRevision', 'INT');
export const movedClientsAttribute = defineSearchAttributeKey('EvenkeelMovedClients', 'INT');
export const gapP99Attribute = defineSearchAttributeKey('EvenkeelGapP99Ms', 'INT');

export const allAttributes = [
  serviceAttribute,
  phaseAttribute,
  outcomeAttribute,
  revisionAttribute,
  movedClientsAttribute,
  gapP99Attribute,
] as const;

// Owns: who asked for a rebalance, as people say it on the page. Pure.

import type { RebalanceRequest, RequestSource } from '../../../activities/types.js';

const sources: Readonly<Record<RequestSource, string>> = {
  operator: 'an operator',
  threshold: 'the autoscaler (a threshold)',
  forecast: 'the autoscaler (the forecast)',
  balance: 'the autoscaler (balance)',
  'instance-lost': 'the watcher (an instance is lost)',
  leave: 'an instance that leaves',
  roll: 'a roll',
};

type Asked = Partial<Pick<RebalanceRequest, 'by' | 'source'>>;

/** The person where there is one; a source that a later version knows stands as it is. */
export const whoAsked = ({ by, source }: Asked): string =>
  by ?? (source === undefined ? '' : (sources[source] ?? source));

/** `asked by ada: before the match` */
export const askedText = (request: Asked & Pick<RebalanceRequest, 'reason'>): string =>
  `asked by ${whoAsked(request)}${request.reason === '' ? '' : `: ${request.reason}`}`;

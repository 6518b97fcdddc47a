// `evenkeel/instance`: what a service embeds. `runInstance` is all of an instance but the service itself;
// `startInstance` is what lies beneath, for whoever has sockets and a protocol of its own.

export { liveInstance, runInstance } from './run-instance.js';
export { createMessages } from '../messaging/messages.js';
export { FrameError } from '../server/frames.js';
export type { ErrorCode } from '../server/close-codes.js';
export type {
  ClientHandler,
  CreateService,
  Delivery,
  OwnFrame,
  ReadRecord,
  ServedClient,
  Service,
  ServiceContext,
} from '../server/service.js';

export { startInstance } from '../instance/start.js';
export type * from '../instance/api.js';
export {
  sentenceOf,
  type MistakeDetail,
  type MistakeKind,
  type OnMistake,
} from '../instance/mistakes.js';

export { connectKafka, type KafkaOptions } from '../adapters/kafka.js';
export { connectMongo, type MongoOptions } from '../adapters/mongo.js';
export { systemClock } from '../adapters/system-clock.js';
export { partitionOf } from '../core/murmur2.js';
export { BadInputError, UnreachableError } from '../errors.js';
export type { Appender, Bus, Clock, ConfigDb, InRecord, Later, OutRecord } from '../ports.js';

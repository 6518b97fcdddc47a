// Owns: the name of the task queue that workers and whoever starts workflows agree on.

export const defaultTaskQueue = 'evenkeel';

// Owns: the settings that lead to the session directory, for commands that are clients themselves. Opens
// nothing.

export const directorySettings = {
  EVENKEEL_DIRECTORY_URL: { flag: '--directory-url', example: 'http://127.0.0.1:8080' },
  EVENKEEL_DIRECTORY_KEY: {
    flag: '--directory-key',
    example: 'the key that it was started with',
  },
} as const;

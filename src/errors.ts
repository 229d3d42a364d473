/**
 * Something the caller gave is wrong: a file, a number, an option. The message is one line that says what was
 * wrong and what is accepted; the command line prints it as it stands and exits with 2.
 */
export class InputError extends Error {
  override name = 'InputError';
}

/** The device under an engine failed: nothing more comes from that engine, but another may go on. */
export class DeviceError extends Error {
  override name = 'DeviceError';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Its first line: some browsers and drivers append a trace to their messages. */
export function firstLineOf(error: unknown): string {
  return messageOf(error).split('\n')[0];
}

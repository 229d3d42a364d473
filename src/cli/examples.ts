// The end of a command's help: what it looks like in use.

/** @param commands as they are typed behind the program's name */
export function examples(...commands: readonly string[]): string {
  return ['', 'Examples:', ...commands.map((command) => `  npx mnist-kernels ${command}`)].join('\n');
}

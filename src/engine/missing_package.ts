// Packages that are installed only where they are wanted.

/** What to do about an import that failed because its package is not installed; undefined of other errors. */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !/MODULE_NOT_FOUND/.test(String(error.code)))
    return undefined;
  const name = /(?:package|module) '((?:@[^/']+\/)?[^/'.][^/']*)/.exec(error.message)?.[1];
  return name && `the package ${name} is not installed: npm i ${name}`;
}

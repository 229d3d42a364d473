// Loaded before the command line (`node --import`): counts what it does to files that it writes, and lets the
// operation of a given number fail, as a full disk, a missing permission or a broken disk would, or each write
// below a folder.
// @ts-check
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { FAIL_AT, FAIL_BELOW, FAIL_TIMES = Infinity, FAIL_CODE } = process.env;
let count = 0;
let refused = 0;

/** @returns {boolean} whether this operation is the one that fails */
function fails() {
  return ++count === Number(FAIL_AT);
}

/**
 * Whether a disk is full: that of a folder, for some times.
 * @param {unknown} path
 */
function isFull(path) {
  return FAIL_BELOW !== undefined && String(path).startsWith(FAIL_BELOW) && ++refused <= Number(FAIL_TIMES);
}

/** @returns {never} */
function fail() {
  throw Object.assign(new Error(`${FAIL_CODE}: this one fails`), { code: FAIL_CODE });
}

/** @type {(flags: unknown) => boolean} */
const writes = (flags) =>
  typeof flags === 'number' ? (flags & 3) !== 0 : typeof flags === 'string' && flags !== 'r';

const { open } = promises;
promises.open = async (path, flags, mode) => {
  if (writes(flags) && fails()) fail();
  const handle = await open(path, flags, mode);
  if (writes(flags)) {
    const { writeFile, sync, close } = handle;
    handle.writeFile = async (data, options) => {
      if (!fails() && !isFull(path)) return writeFile.call(handle, data, options);
      await writeFile.call(handle, data.slice(0, data.length / 2), options); // as far as there is room
      fail();
    };
    handle.sync = async () => (fails() ? fail() : sync.call(handle));
    handle.close = async () => {
      await close.call(handle);
      if (fails()) fail();
    };
  }
  return handle;
};
for (const name of /** @type {const} */ (['rename', 'mkdir', 'mkdtemp', 'rm'])) {
  const original = /** @type {(...values: unknown[]) => Promise<any>} */ (promises[name]);
  Object.assign(promises, {
    [name]: async (/** @type {unknown[]} */ ...values) => (fails() ? fail() : original(...values)),
  });
}
syncBuiltinESMExports();

process.on('exit', () => process.stderr.write(`${count} file operations\n`));

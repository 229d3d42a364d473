// Numbers and dates as the page shows them: in English, as everything else. A browser's own locale may be
// none that it takes itself (WebKit's is "C" where the system has no other).
import type { EngineInfo } from '../../engine/engine.ts';
import { NO_BREAK } from '../../evaluation/percent.ts';
import { plural } from '../../plural.ts';

export { unbrokenPercent as percent } from '../../evaluation/percent.ts';
export { count, plural } from '../../plural.ts';

const LOCALE = 'en';
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });
const thisYear = new Intl.DateTimeFormat(LOCALE, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});
const minute = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });

/** A loss, with the digits that still tell two runs apart. */
export function loss(value: number): string {
  return value >= 0.001 || value === 0 ? value.toFixed(4) : value.toExponential(2);
}

/**
 * For values that may be of any size: 0.0314 with two digits is "0.031", 0.000031 is "3.1e-5"; 0 is exactly
 * 0.
 */
export function roughly(value: number, digits = 1): string {
  const size = Math.abs(value);
  const short = size === 0 || (size >= 0.001 && size < 1e5);
  return short ? String(Number(value.toPrecision(digits))) : value.toExponential(digits - 1);
}

/** 75.2 is "1 min 15 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)}${NO_BREAK}s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total}${NO_BREAK}s`;
  const minutes = Math.floor(total / 60);
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string) =>
    `${large}${NO_BREAK}${largeUnit} ${String(small).padStart(2, '0')}${NO_BREAK}${smallUnit}`;
  return minutes < 60
    ? pair(minutes, 'min', total % 60, 's')
    : pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/** Bytes of `parameters` float32 numbers. */
export function float32Size(parameters: number): string {
  const bytes = 4 * parameters;
  if (bytes < 2 ** 20) return `${(bytes / 2 ** 10).toFixed(0)}${NO_BREAK}KiB`;
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)}${NO_BREAK}MiB`;
}

/** In this time zone: "Nov 25, 2026". @param when milliseconds since 1970, or as ISO 8601 has it */
export function date(when: number | string): string {
  return day.format(new Date(when));
}

/** In this time zone: "Nov 25, 2026, 7:03 PM". @param when milliseconds since 1970, or as ISO 8601 has it */
export function dateAndTime(when: number | string): string {
  return minute.format(new Date(when));
}

/** In this time zone: "Nov 25, 7:03 PM" in the same year, "Nov 25, 2025" later. */
export function recently(when: number): string {
  const sameYear = new Date(when).getFullYear() === new Date().getFullYear();
  return (sameYear ? thisYear : day).format(when);
}

export const ENGINE_TITLES: { readonly [B in EngineInfo['backend']]: string } = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  tfjs: 'TensorFlow.js',
};

/** A message as the page shows it: with a capital letter, unless it begins with a file's name or an address. */
export function sentence(message: string): string {
  return /^[a-z]+[ ,;:]/.test(message) ? message[0].toUpperCase() + message.slice(1) : message;
}

/** "webgpu, NVIDIA H100" or "wasm, relaxed-simd, 8 threads" */
export function engine({ backend, adapter, threads, simd }: Omit<EngineInfo, 'software'>): string {
  if (backend === 'wasm') return `wasm, ${simd}, ${plural(threads, 'thread')}`;
  return `${backend}, ${adapter}`;
}

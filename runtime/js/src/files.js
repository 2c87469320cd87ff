// path -> bytes: what of this package touches a file system.

import { readFile, open } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ABSENT = ["ENOENT", "ENOTDIR", "EISDIR"];

/**
 * A build directory: its path, absolute so that chdir cannot move it, and what reads a file below it.
 * @param {string | URL} where @returns {{path: string, read: import("./directory.js").Read}}
 */
export function local(where) {
  const path = resolve(where instanceof URL ? fileURLToPath(where) : where);
  return { path, read: (name, most) => ifThere(readUpTo(resolve(path, ...name.split("/")), most + 1)) };
}

/** The first `most` bytes of a file. @param {string | URL} file @param {number} most @returns {Promise<Uint8Array>} */
export async function readUpTo(file, most) {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    if (size <= most) return new Uint8Array(await readFile(handle));
    const { buffer, bytesRead } = await handle.read(new Uint8Array(most), 0, most, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Why a file cannot be read, in a word. @param {unknown} error */
export const reasonOf = (error) => String(/** @type {any} */ (error)?.code ?? "error");

/** @template T @param {Promise<T>} reading @returns {Promise<T | undefined>} */
async function ifThere(reading) {
  try {
    return await reading;
  } catch (error) {
    if (ABSENT.includes(reasonOf(error))) return undefined;
    throw error;
  }
}

/** Prints, or gives to a test, how much of the widget goes over the line. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { served } from "./served.mjs";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));

/**
 * Follows the imports of a module.
 *
 * @param {string} path
 * @param {boolean} isLazyToo whether modules that are imported later count as well.
 * @param {Set<string>} [found]
 * @returns {Set<string>} paths of all modules that it needs, itself included.
 */
function closure(path, isLazyToo, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(path, "utf8");
  const addresses = [
    ...text.matchAll(/^import .*"(\..*)";$/gm),
    ...(isLazyToo ? text.matchAll(/import\("(\..*?)"\)/g) : []),
  ];
  for (const [, address] of addresses) closure(join(dirname(path), address), isLazyToo, found);
  return found;
}

/** @param {Iterable<string>} paths */
function zipped(paths) {
  return [...paths].map((path) => ({
    name: relative(SOURCE, path),
    source: gzipSync(readFileSync(path), { level: 9 }).length,
    sent: gzipSync(served(readFileSync(path, "utf8")), { level: 9 }).length,
  }));
}

/**
 * @returns {{name: string, modules: {name: string, source: number, sent: number}[], source: number, sent: number}[]}
 *   bytes after gzip, each module on its own as HTTP sends it: before the first opening; with the
 *   open chat, all that any talk needs; and in all, with the sheets that come when they are asked for.
 */
export function sizes() {
  const entry = join(SOURCE, "support-chat.js");
  const before = closure(entry, false);
  const opened = closure(join(SOURCE, "view", "stage.js"), false, new Set(before));
  const counted = { "before the first opening": before, "with the open chat": opened, "in all, with every sheet": closure(entry, true) };
  return Object.entries(counted).map(([name, paths]) => {
    const modules = zipped(paths);
    const sum = (/** @type {"source" | "sent"} */ what) => modules.reduce((total, module) => total + module[what], 0);
    return { name, modules, source: sum("source"), sent: sum("sent") };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, modules, source, sent } of sizes()) {
    console.log(`${name}: ${modules.length} modules, ${sent} bytes sent (gzip); ${source} with comments`);
    if (process.argv.includes("--each")) for (const module of modules) console.log(`  ${module.sent}\t${module.name}`);
  }
}

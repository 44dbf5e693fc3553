/**
 * What a browser gets of the widget: the desk cuts comments and indentation from each module.
 *
 * The desk's rule (static files of its gateway), once more, so that the browser tests prove it safe.
 */
const CUT = /^[ \t]*\/\*\*[\s\S]*?\*\/[ \t]*\n|^[ \t]*\/\/[^\n]*\n|^[ \t]+|^\n/gm;

/**
 * @param {string} source
 * @returns {string}
 */
export function served(source) {
  return source.replaceAll(CUT, "");
}

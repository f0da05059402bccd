// JSON Merge Patch (RFC 7396), without changing the target: parts that a patch does not
// touch stay the same objects, so a view can tell cheaply what is new.

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What *target* becomes under *patch*.
 *
 * @param {any} target
 * @param {any} patch null deletes a member, an array replaces, an object merges
 * @returns {any}
 */
export function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  /** @type {Record<string, any>} */
  const result = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

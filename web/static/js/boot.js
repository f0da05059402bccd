// What the server wrote into the page, and who this tab is.

/** @import { Text } from "./protocol" */

/**
 * @typedef {object} Boot
 * @property {string} role
 * @property {string} site
 * @property {string} session
 * @property {string} key short id of the token: names the cookie to use
 * @property {string} lang
 * @property {Text} event
 * @property {Text} session_name
 */

/** @type {Boot} */
export const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}");

const TAB = "dc-tab";

/** @param {string} name */
const held = (name) =>
  new Promise((resolve) => {
    // A reloaded page may find the lock of its former self; that is gone within moments.
    const options = { signal: AbortSignal.timeout(300) };
    navigator.locks
      .request(name, options, () => {
        resolve(true);
        return new Promise(() => {}); // kept until the tab closes
      })
      .catch(() => resolve(false));
  });

/**
 * Id of this tab, the same after a reload. A duplicated tab copies sessionStorage, so the
 * id is claimed with a lock: two tabs with one id would push each other out for ever.
 *
 * @returns {Promise<string>}
 */
export async function tabId() {
  const known = sessionStorage.getItem(TAB);
  if (known && (!navigator.locks || (await held(`${TAB}-${known}`)))) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(TAB, id);
  if (navigator.locks) await held(`${TAB}-${id}`);
  return id;
}

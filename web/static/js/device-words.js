// What a page says of a camera or a microphone.

import { t } from "./i18n.js";

/** @import { Kind, Problem } from "./devices.js" */

/**
 * What is wrong with a device and what to do about it.
 *
 * @param {Kind} kind
 * @param {Problem} problem
 */
export const problemText = (kind, problem) => ({
  title: t(`host.${kind}_${problem}`),
  text: t(`host.help_${problem}`, { device: t(`host.${kind}_lower`) }),
});

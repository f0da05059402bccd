// What stands over a picture that the line has no room for.

import { t } from "./i18n.js";

/** @import { Picture } from "./player.js" */

/**
 * The words, empty if there is room. A line that is too narrow for pictures may be so for the
 * server's word on it too: on a connected line a picture that stands still says the same.
 *
 * @param {string | undefined} slot what the server says of it
 * @param {Picture} [picture] of a connected line
 */
export const weakLine = (slot, picture) =>
  slot === "paused" || picture?.standsStill ? t("common.sound_only") : "";

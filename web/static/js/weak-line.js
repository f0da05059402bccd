// What stands over a picture that the line has no room for.

import { t } from "./i18n.js";

/** @param {string | undefined} slot what the server says of it */
export const weakLine = (slot) => (slot === "paused" ? t("common.sound_only") : "");

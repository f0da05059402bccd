// The devices of one site: which is its main line, which a backup, and which of them is used. Pure.

/** @import { DeviceView, LinkView } from "./protocol" */

/** @param {DeviceView} line */
const rank = (line) => line.rank ?? "main";

/** The device that is used. @param {LinkView | null | undefined} link */
export const used = (link) => link?.lines?.find((line) => line.peer === link.publisher) ?? null;

/** Whether a backup stands in for the main line. @param {LinkView | null | undefined} link */
export const onBackup = (link) => {
  const line = used(link);
  return line !== null && rank(line) === "backup";
};

/** A backup that could take over now. @param {LinkView | null | undefined} link */
export const spare = (link) =>
  link?.lines?.find((line) => rank(line) === "backup" && line.sending && line.peer !== link.publisher) ?? null;

/**
 * The main line, if there is one: the one that sends rather than one that does not, the newest
 * of several, as a page that was loaded again is the last to come.
 *
 * @param {LinkView | null | undefined} link
 */
export const mainLine = (link) => {
  const lines = link?.lines?.filter((line) => rank(line) === "main") ?? [];
  return lines.findLast((line) => line.sending) ?? lines.findLast((line) => line.connected) ?? null;
};

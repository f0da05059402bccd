// Sentences about this page itself: connection, saving, devices, another device of the site.

import { html, nothing } from "lit-html";
import { boot } from "../boot.js";
import { problemText } from "../device-words.js";
import { has, t } from "../i18n.js";
import { onBackup } from "../lines.js";
import { icon } from "../ui.js";
import { publishHere } from "./actions.js";
import { isOpen, openDialog } from "./dialogs.js";
import { orderNotices } from "./orders.js";
import { devices } from "./parts.js";
import { testNotice } from "./rehearsed.js";
import { change, state } from "./state.js";

export function notices() {
  const { status, wasOnline, media, refusal } = state;
  const parts = [];
  if (!status.online && wasOnline) {
    parts.push(notice("offline", "wait", t("common.offline")));
  }
  if (status.online && !status.saving) parts.push(notice("not-saving", "warn", t("common.not_saving")));
  if (state.screen !== "left") parts.push(...orderNotices());
  parts.push(testNotice());
  if (state.screen === "room") {
    if (status.online && media === "reconnecting") {
      parts.push(notice("media", "wait", t("common.media_reconnecting")));
    }
    if (media === "failed") parts.push(notice("media", "warn", mediaFailure()));
    parts.push(...deviceNotices(), otherDevice());
    if (refusal && !isOpen("request")) parts.push(refused(refusal)); // the form says it itself
  }
  return html`<div class="notices" role="status">${parts}</div>`;
}

/** @param {string} id @param {string} symbol @param {string} words @param {unknown} [extra] */
const notice = (id, symbol, words, extra = nothing, look = "") =>
  html`<div class=${`notice ${look}`} data-testid=${`notice-${id}`}>
    ${icon(symbol)}<span class="grow">${words}</span>${extra}
  </div>`;

function mediaFailure() {
  const { code = "", message = "" } = state.mediaError ?? {};
  if (code === "media_unreachable" || !code) return t("common.media_failed");
  return has(`error.${code}`) ? t(`error.${code}`) : message || t("common.media_failed");
}

function deviceNotices() {
  if (state.watching || devices.asking) return [];
  return /** @type {const} */ (["camera", "microphone"])
    .filter((kind) => devices.problems[kind])
    .map((kind) => {
      const { title, text } = problemText(kind, devices.problems[kind]);
      return notice(
        kind,
        kind === "camera" ? "camoff" : "micoff",
        `${title}. ${text}`,
        html`<button type="button" class="btn tight" @click=${() => openDialog("devices")}>
          ${t("host.devices")}
        </button>`,
      );
    });
}

/** Several computers at one site: one of them is sent, and it must be clear which. */
function otherDevice() {
  const { publisher = "" } = state.link ?? {};
  const able = devices.tracks.camera ?? devices.tracks.microphone;
  if (!publisher || !state.peer || publisher === state.peer || !able || state.media !== "connected") {
    return nothing;
  }
  const backup = onBackup(state.link);
  return notice(
    backup ? "on-backup" : "other-device",
    "info",
    t(backup ? "host.on_backup" : "host.other_device"),
    html`<button type="button" class="btn tight" data-testid="publish-here" @click=${publishHere}>
      ${t(backup ? "host.publish_again" : "host.publish_here")}
    </button>`,
    "info",
  );
}

/** @param {string} words */
const refused = (words) =>
  html`<div class="notice" role="alert" data-testid="error">
    ${icon("warn")}<span class="grow">${words}</span>
    <button
      type="button"
      class="btn tight"
      data-testid="error-close"
      @click=${() => change({ refusal: "" })}
    >
      ${t("common.close")}
    </button>
  </div>`;

/** The join link is no longer good: nothing else on this page can work. */
export const refusedPage = () =>
  html`<main class="errorpage" data-testid="error">
    ${icon("info")}
    <h1 tabindex="-1">${t("host.refused_title")}</h1>
    <p class="sub">${has(`error.${state.status.refused}`) ? t(`error.${state.status.refused}`) : t("common.error_ask")}</p>
  </main>`;

export const leftPage = () =>
  html`<main class="errorpage">
    ${icon("leave")}
    <h1 tabindex="-1">${t("host.left_title")}</h1>
    <p class="sub">${t("host.left_text")}</p>
    <p><a class="btn pri big" href=${`/host?k=${encodeURIComponent(boot.key)}`} data-testid="rejoin">${t("host.rejoin")}</a></p>
  </main>`;

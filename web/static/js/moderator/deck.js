// What the server has seen of a speaker who was asked to get ready, and what it still misses.

/** @import { Check, RequestView } from "../protocol.js" */
import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { formatSpan } from "./spans.js";

/** In the order people check. @type {readonly Check[]} */
const CHECKS = ["link", "picture", "sound", "return"];

/**
 * What is missing, in words: "tiếng, tín hiệu về".
 * @param {readonly Check[]} missing
 */
export const missingWords = (missing) =>
  missing.map((check) => t(`moderator.missing_${check}`)).join(", ");

/**
 * @param {RequestView} request on deck
 * @param {number} now server time, Unix seconds
 * @param {string} waits how long it waits, in words
 */
export function checks(request, now, waits) {
  const { deck, state } = request;
  if (!deck) return nothing;
  const { missing } = deck;
  const there = CHECKS.filter((check) => !missing.includes(check));
  const left = formatSpan(Math.max(0, Math.ceil(deck.prep_until - now)));
  const words = state === "failed" ? "moderator.deck_failed" : "moderator.deck_checking";
  return html`<p class="ready" data-testid="checks">
    ${there.map(
      (check) => html`<span class="ok">${icon("ok")}${t(`moderator.check_${check}`)}</span>`,
    )}
    ${missing.length
      ? html`<span class="not"
          >${icon(state === "failed" ? "warn" : "wait")}${t(words, {
            missing: missingWords(missing),
          })}</span
        >`
      : nothing}
    <span class="rest num"
      >${state === "ready" ? waits : t("moderator.prep_left", { time: left })}</span
    >
  </p>`;
}

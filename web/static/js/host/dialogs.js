// The page's dialogs: asking for the floor, choosing devices, confirming. Native <dialog>
// elements keep the focus inside and give it back.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { answer, tryTone } from "./actions.js";
import { deviceSelect } from "./pieces.js";
import { requestForm } from "./request-form.js";
import { change, onDeck, state } from "./state.js";

/** @param {string} name */
const dialog = (name) => /** @type {HTMLDialogElement | null} */ (document.getElementById(`dialog-${name}`));

/** @param {"request" | "devices"} name */
export function openDialog(name) {
  change({ refusal: "" });
  dialog(name)?.showModal();
}

/** @param {string} name */
export const isOpen = (name) => dialog(name)?.open ?? false;

export const closeDialog = (/** @type {string} */ name) => dialog(name)?.close();

/** Open or close the question when the state says so; call after drawing. */
export function showQuestion() {
  const element = dialog("question");
  if (state.question && !element?.open) element?.showModal();
  if (!state.question && element?.open) element.close();
}

const closed = () => change({ refusal: "", closings: state.closings + 1 });

export const dialogs = () => html`
  <dialog
    id="dialog-request"
    aria-labelledby="request-title"
    @close=${closed}
  >
    ${isOpen("request") && onDeck() ? deckNote() : nothing} ${requestForm()}
  </dialog>
  <dialog id="dialog-devices" aria-labelledby="devices-title" @close=${closed}>
    ${state.screen === "room" ? devicesForm() : nothing}
  </dialog>
  <dialog
    id="dialog-question"
    role="alertdialog"
    aria-labelledby="question-title"
    aria-describedby="question-text"
    @cancel=${() => answer(false)}
  >
    ${state.question
      ? html`<h2 id="question-title">${state.question.title}</h2>
          <p id="question-text">${state.question.text}</p>
          <div class="row">
            <button type="button" class="btn pri big grow" data-testid="confirm-yes" @click=${() => answer(true)}>
              ${state.question.yes}
            </button>
            <button
              type="button"
              class="btn big grow"
              autofocus
              data-testid="confirm-no"
              @click=${() => answer(false)}
            >
              ${state.question.no}
            </button>
          </div>`
      : nothing}
  </dialog>
`;

/** Called on deck while writing: it must be seen here, and nothing written is lost. */
const deckNote = () =>
  html`<p class="refusal" role="alert" data-testid="deck-note">
    ${icon("bell")}<span class="grow">${t("host.deck_note")}</span>
    <button type="button" class="btn tight" @click=${() => closeDialog("request")}>
      ${t("host.deck_note_go")}
    </button>
  </p>`;

const devicesForm = () => html`<h2 id="devices-title">${t("host.devices")}</h2>
  <div class="col gap">
    ${deviceSelect("camera")} ${deviceSelect("microphone")} ${deviceSelect("speaker")}
    <div class="row">
      <button type="button" class="btn" ?disabled=${state.tonePlaying} @click=${tryTone}>
        ${icon("play")}${t("host.try_speaker")}
      </button>
      <button
        type="button"
        class="btn pri grow"
        data-testid="devices-close"
        @click=${() => closeDialog("devices")}
      >
        ${t("common.close")}
      </button>
    </div>
  </div>`;

// The fair order, beside the one there is: why each stands where it is proposed, and how to
// get there, at once or row by row. Nothing moves by itself.

/** @import { Control } from "./control.js" */
/** @import { Step } from "./proposal.js" */
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { t, text } from "../i18n.js";
import { icon } from "../ui.js";
import { actButton } from "./act.js";
import { steps } from "./proposal.js";
import { formatSpan } from "./spans.js";
import { close, closeButton, refusal } from "./window-parts.js";

/** @param {Control} control @param {Step} step */
function row(control, { request: id, to, from, reason, seconds, move }) {
  const request = control.request(id);
  const site = text(control.view?.sites[request?.site ?? ""]?.name);
  const moved = t(to < from ? "moderator.moves_up" : "moderator.moves_down", { from, to });
  return html`<tr data-request=${id} class=${move ? "differs" : ""}>
    <td class="pos">${to}</td>
    <td class="was num">
      ${move
        ? html`<span class="sr">${moved}</span
            ><span aria-hidden="true">${from}${icon(to < from ? "up" : "down")}</span>`
        : html`<span class="muted">${from}</span>`}
    </td>
    <th scope="row">
      <b>${site}</b> <span>${request?.name ?? ""}</span>
      <small>${t(`moderator.why_${reason}`, { site, time: formatSpan(seconds) })}</small>
    </th>
    <td class="n">
      ${move
        ? actButton(control, {
            id: "move-step",
            words: t("moderator.move_step"),
            label: t("moderator.move_step_long", { site, to }),
            run: () => void control.tryMove(move),
          })
        : nothing}
    </td>
  </tr>`;
}

/** @param {Control} control */
export function proposal(control) {
  const proposed = control.view?.proposal ?? [];
  const list = steps(control.queue, proposed, control.classOf);
  const moves = list.filter((step) => step.move).length;
  const applyAll = async () => {
    const order = proposed.map((place) => place.request);
    if (await control.run({ type: "apply_proposal", order })) close(control);
  };
  return html`<h2 id="dialog-title">${t("moderator.proposal")}</h2>
    <p class="about">
      ${moves ? t("moderator.proposal_about") : t("moderator.proposal_same")}
    </p>
    ${list.length
      ? html`<div class="tablebox" tabindex="0" role="region" aria-labelledby="dialog-title">
          <table class="steps" data-testid="proposal">
            <thead>
              <tr>
                <th scope="col">${t("moderator.col_proposed")}</th>
                <th scope="col">${t("moderator.col_now")}</th>
                <th scope="col">${t("moderator.col_delegate")}</th>
                <td></td>
              </tr>
            </thead>
            <tbody>
              ${repeat(
                list,
                (step) => step.request,
                (step) => row(control, step),
              )}
            </tbody>
          </table>
        </div>`
      : nothing}
    ${refusal(control)}
    <div class="row buttons">
      ${moves
        ? html`<button class="btn" type="button" autofocus @click=${() => close(control)}>
              ${t("common.close")}
            </button>
            <button
              class="btn pri"
              type="button"
              data-testid="apply-proposal"
              ?disabled=${control.locked}
              @click=${applyAll}
            >
              ${t("moderator.proposal_apply", { count: moves })}
            </button>`
        : closeButton(control)}
    </div>`;
}

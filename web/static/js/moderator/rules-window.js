// The rules of the queue, changed while the session runs: saved together, and only those that
// were touched, so that a colleague's change stays.

/** @import { FloorPolicy } from "../protocol.js" */
/** @import { Control } from "./control.js" */
/** @import { Rule } from "./rules.js" */
import { html, nothing } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { lang, t } from "../i18n.js";
import { changes, entered, GROUPS, shown } from "./rules.js";
import { formatSpan, SPAN_PATTERN } from "./spans.js";
import { buttons, close, refusal } from "./window-parts.js";

/** What a field allows, in words. @param {Rule} rule */
function range(rule) {
  if (rule.kind !== "span" && rule.kind !== "seconds") return "";
  const write = (/** @type {number} */ value) =>
    rule.kind === "span" ? formatSpan(value) : String(value);
  return t("moderator.rule_range", { least: write(rule.least), most: write(rule.most) });
}

/** @param {Rule} rule @param {Event} event */
function check(rule, event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  input.setCustomValidity(entered(rule, input.value) === null ? range(rule) : "");
}

/** @param {Rule} rule @param {unknown} value */
function field(rule, value) {
  const { name, kind } = rule;
  if (kind === "flag") {
    return html`<label class="tickbox w2">
      <input type="checkbox" name=${name} .checked=${Boolean(value)} data-testid=${`rule-${name}`} />
      <span>${t(`moderator.rule_${name}`)}</span>
    </label>`;
  }
  if (kind === "choice") {
    return html`<label class="field">
      <span>${t(`moderator.rule_${name}`)}</span>
      <select class="input" name=${name} data-testid=${`rule-${name}`} .value=${String(value)}>
        ${rule.values.map(
          (each) =>
            html`<option value=${each} ?selected=${each === value}>
              ${typeof each === "number" ? each : t(`moderator.rule_${name}_${each}`)}
            </option>`,
        )}
      </select>
    </label>`;
  }
  const span = kind === "span";
  return html`<label class="field">
    <span>${t(`moderator.rule_${name}`)}</span>
    <span class="unit">
      <input
        class="input"
        name=${name}
        required
        autocomplete="off"
        inputmode=${span ? nothing : "numeric"}
        pattern=${span ? SPAN_PATTERN : "[0-9]+"}
        title=${range(rule)}
        data-testid=${`rule-${name}`}
        value=${shown(rule, value)}
        @input=${(/** @type {Event} */ event) => check(rule, event)}
      />
      <small>${t(span ? "moderator.unit_span" : "moderator.unit_seconds")}</small>
    </span>
  </label>`;
}

/** The rules each open window was filled from. @type {WeakMap<object, FloorPolicy>} */
const filledFrom = new WeakMap();

/** @param {Control} control */
export function rules(control) {
  const { view, dialog } = control;
  if (!view || !dialog) return nothing;
  const before = filledFrom.get(dialog) ?? view.policy;
  filledFrom.set(dialog, before);
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const { change, wrong } = changes(before, (name) => {
      const value = data.get(name);
      return value === null ? null : String(value).trim();
    });
    if (wrong.length) return; // the browser has said which
    const done =
      Object.keys(change).length === 0 || (await control.run({ type: "set_policy", change }));
    if (done && control.dialog === dialog) close(control);
  };
  return html`<form method="dialog" @submit=${send}>
    <h2 id="dialog-title">${t("moderator.rules")}</h2>
    <p class="about">${t("moderator.rules_about")} ${t("moderator.rules_zero")}</p>
    ${guard([before, lang()], () =>
      GROUPS.map(
        (group) =>
          html`<fieldset class=${`rules ${group.name}`}>
            <legend>${t(`moderator.rules_${group.name}`)}</legend>
            ${group.rules.map((rule) => field(rule, before[rule.name]))}
          </fieldset>`,
      ),
    )}
    ${refusal(control)} ${buttons(control, t("moderator.rules_send"), "pri")}
  </form>`;
}

// The picture desk: PROGRAM over TAKE over PREVIEW, the sources, and the place for answers.

/** @import { ModeratorView, ProgramView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
/** @import { Pictures } from "../pictures.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { monitor } from "../monitor.js";
import { slate, slateNote } from "../slate.js";
import { icon, siteTitle } from "../ui.js";
import { actButton } from "./act.js";
import { answer } from "./answer.js";
import { sources } from "./sources.js";

/**
 * Why there is no picture, or nothing if there should be one.
 * @param {Control} control
 * @param {Pictures} pictures
 * @param {string} site
 */
function why(control, pictures, site) {
  if (pictures.state !== "connected") return t(`control.media_${pictures.state}`);
  if (!site || control.link(site).connected) return "";
  return t("control.site_lost", { site: text(control.view?.sites[site]?.name) });
}

/**
 * The still that a bus shows instead of a picture, or null.
 * @param {ModeratorView} view
 * @param {ProgramView} bus program or preview
 */
function still(view, bus) {
  const site = view.sites[bus.site];
  return bus.slate && site ? slate(siteTitle(site), slateNote({ ...view, program: bus })) : null;
}

/**
 * @param {Control} control
 * @param {Pictures} pictures
 */
export function desk(control, pictures) {
  const { view, listening } = control;
  if (!view) return nothing;
  const { program, preview } = view;
  const third = view.lower_third;
  const name = (/** @type {string} */ code) => text(view.sites[code]?.name);
  const toggle = () => {
    pictures.listen(!listening);
    control.set({ listening: !listening });
  };
  return html`<section class="desk" aria-label=${t("moderator.desk")}>
    ${monitor({
      tally: "air",
      tag: t("common.program"),
      site: name(program.site),
      slate: still(view, program),
      picture: pictures.get("main"),
      lowerThird: third ? { ...third, site: name(third.site) } : null,
      note: why(control, pictures, program.site),
    })}
    <div class="take">
      ${actButton(control, {
        id: "take",
        words: t("moderator.take"),
        symbol: "up",
        cap: "F2",
        kind: "pri",
        off: !preview.source,
        run: () => control.take(),
      })}
      <button
        class="btn tight sound"
        type="button"
        data-testid="listen"
        aria-pressed=${listening}
        @click=${toggle}
      >
        ${icon(listening ? "spk" : "spkoff")}
        <span>${t(listening ? "moderator.sound_on" : "moderator.sound_off")}</span>
      </button>
    </div>
    ${monitor({
      tally: "pvw",
      tag: t("common.preview"),
      site: name(preview.site),
      slate: still(view, preview),
      picture: pictures.get("preview"),
      note: preview.source ? why(control, pictures, preview.site) : t("moderator.preview_empty"),
    })}
    ${sources(control)} ${answer(control)}
  </section>`;
}

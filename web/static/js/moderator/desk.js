// The picture desk: PROGRAM over TAKE over PREVIEW, the sources, and the place for answers.

/** @import { ModeratorView, PictureView, ProgramView } from "../protocol.js" */
/** @import { Control } from "./control.js" */
/** @import { Pictures } from "../pictures.js" */
import { html, nothing } from "lit-html";
import { t, text } from "../i18n.js";
import { pictureName } from "../layout.js";
import { monitor } from "../monitor.js";
import { slate, slateNote } from "../slate.js";
import { icon, siteTitle } from "../ui.js";
import { actButton } from "./act.js";
import { answer } from "./answer.js";
import { sources } from "./sources.js";

/**
 * The still that stands for a picture: it was put there, or the site sends nothing.
 * @param {Control} control
 * @param {Pictures} pictures
 * @param {string} slot of the picture
 * @param {ProgramView} bus program or preview
 * @param {PictureView | null} [picture] which of its pictures; the main one unless given
 */
function still(control, pictures, slot, bus, picture = bus) {
  const view = /** @type {ModeratorView} */ (control.view);
  const site = view.sites[picture?.site ?? ""];
  const put = pictures.slated(slot, picture ? picture.slate : true);
  if (!picture || !site) return null;
  if (put) return slate(siteTitle(site), slateNote({ ...view, program: { ...bus, ...picture } }));
  if (control.link(site.code).connected) return null;
  return slate(siteTitle(site), t("control.site_lost", { site: text(site.name) }));
}

/**
 * What stands beside the main picture of a bus.
 * @param {Control} control
 * @param {Pictures} pictures
 * @param {"inset" | "preview_inset"} slot
 * @param {ProgramView} bus
 */
function beside(control, pictures, slot, bus) {
  const { second } = bus;
  return {
    picture: pictures.get(slot),
    slate: still(control, pictures, slot, bus, second),
    label: second ? pictureName(text(control.view?.sites[second.site]?.name), second.slides) : "",
    chosen: slot === "preview_inset" && control.slot === "inset",
  };
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
  const away = pictures.state === "connected" ? "" : t(`control.media_${pictures.state}`);
  const toggle = () => {
    pictures.listen(!listening);
    control.set({ listening: !listening });
  };
  return html`<section class="desk" aria-label=${t("moderator.desk")}>
    ${monitor({
      tally: "air",
      tag: t("common.program"),
      site: pictureName(name(program.site), program.slides),
      slate: still(control, pictures, "main", program),
      picture: pictures.get("main"),
      layout: program.shown,
      second: beside(control, pictures, "inset", program),
      lowerThird: third ? { ...third, site: name(third.site) } : null,
      note: away,
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
      site: pictureName(name(preview.site), preview.slides),
      slate: still(control, pictures, "preview", preview),
      picture: pictures.get("preview"),
      layout: preview.shown,
      second: beside(control, pictures, "preview_inset", preview),
      chosen: preview.shown !== "single" && control.slot === "main",
      note: preview.source ? away : t("moderator.preview_empty"),
    })}
    ${sources(control)} ${answer(control)}
  </section>`;
}

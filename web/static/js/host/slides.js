// Sharing slides: the button, and while slides are shared our own preview with who sees them.

import { html, nothing } from "lit-html";
import { t } from "../i18n.js";
import { icon } from "../ui.js";
import { ownSlides, sharing } from "./parts.js";
import { state } from "./state.js";
import { serverHeard } from "./words.js";

/** Start or stop; nothing for who only follows. */
export function slidesButton() {
  if (state.watching) return nothing;
  const shared = sharing.track !== null;
  return html`<button
    type="button"
    class="btn"
    data-testid=${shared ? "slides-stop" : "slides-start"}
    ?disabled=${sharing.asking}
    @click=${() => (shared ? sharing.stop() : sharing.start())}
  >
    ${icon(shared ? "stop" : "slide")}${t(shared ? "host.slides_stop" : "host.slides_start")}
  </button>`;
}

/** Who sees the slides: "on_air", "ready" (nobody yet), "other" device's, or "unknown". */
export function slidesWord() {
  const { view, link, peer } = state;
  if (!serverHeard() || state.media !== "connected") return "unknown";
  if (link?.publisher && link.publisher !== peer) return "other";
  return view?.slides_on_program ? "on_air" : "ready";
}

/** Our slides as they are sent, and the truth about who sees them; or why there are none. */
export function slidesBox() {
  if (sharing.problem) {
    return html`<p class="card slidesnote" role="status" data-testid="slides-problem">
      ${icon("warn")}<span>${t(`host.slides_${sharing.problem}`)}</span>
    </p>`;
  }
  if (!sharing.track) return nothing;
  const word = slidesWord();
  const air = word === "on_air";
  return html`<section class="slidesbox" data-testid="slides" data-state=${word}>
    <div class=${`frame own ${air ? "air" : ""}`} role="img" aria-label=${t("host.your_slides")}>
      ${ownSlides.element}
    </div>
    <p role="status" class="row">
      ${icon(air ? "air" : "slide")}<span class="truth">${t(`host.slides_${word}`)}</span>
    </p>
  </section>`;
}

// When a page is drawn: after changes of its state, once for all of one turn.

/**
 * @template {object} State
 * @param {State} state what the page knows
 */
export function redrawing(state) {
  /** @type {() => void} */
  let draw = () => {};
  let due = false;

  /** @param {() => void} render called after changes */
  const onDraw = (render) => {
    draw = render;
  };

  const redraw = () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      draw();
    });
  };

  /** @param {Partial<State>} part */
  const change = (part) => {
    Object.assign(state, part);
    redraw();
  };

  return { onDraw, redraw, change };
}

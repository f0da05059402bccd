// Tells when this computer is on another network than before: Wi-Fi to cable, or back from none.

/**
 * Call *changed* on every change; returns what ends that.
 *
 * @param {() => void} changed
 */
export function onNetworkChange(changed) {
  const connection = /** @type {any} */ (globalThis.navigator)?.connection;
  let kind = connection?.type;
  // It also reports every new estimate of delay and rate: only another kind is another network.
  const onChange = () => {
    const before = kind;
    kind = connection.type;
    if (kind !== before && kind !== "none") changed();
  };
  window.addEventListener("online", changed);
  connection?.addEventListener?.("change", onChange);
  return () => {
    window.removeEventListener("online", changed);
    connection?.removeEventListener?.("change", onChange);
  };
}

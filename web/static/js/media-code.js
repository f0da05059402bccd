// The part of a media connection's id that people say: it stands in the server's log too.

/** @param {string} peer id of a media connection, empty for none */
export const codeOf = (peer) => peer.split("-", 1)[0];

// Copies what the pages use from node_modules to web/static/vendor, and nothing else.
// Run by `make setup` after `npm ci`; the result is ignored by git and part of the wheel.

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { basename, dirname, join } from "node:path";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const vendor = join(root, "web", "static", "vendor");

const FONTS = { "be-vietnam-pro": "Be Vietnam Pro", "noto-sans": "Noto Sans" };
const WEIGHTS = [400, 700]; // the only two the design uses
const SUBSETS = ["vietnamese", "latin-ext", "latin"];

/** Copies *.js of one folder of a package, without source maps and typings. */
async function scripts(from, to) {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (name.endsWith(".js")) await cp(join(from, name), join(to, name));
  }
}

/** Copies the wanted subsets of one family and returns its @font-face rules. */
async function font(name, family) {
  const from = join(modules, "@fontsource", name);
  const ranges = JSON.parse(await readFile(join(from, "unicode.json"), "utf8"));
  let css = "";
  for (const weight of WEIGHTS) {
    for (const subset of SUBSETS) {
      const file = `${name}-${subset}-${weight}-normal.woff2`;
      await cp(join(from, "files", file), join(vendor, "fonts", file));
      css += `@font-face{font-family:"${family}";font-style:normal;font-weight:${weight};font-display:swap;`;
      css += `src:url("${file}") format("woff2");unicode-range:${ranges[subset]}}\n`;
    }
  }
  await cp(join(from, "LICENSE"), join(vendor, "fonts", `${name}-LICENSE`));
  return css;
}

await rm(vendor, { recursive: true, force: true });
await mkdir(join(vendor, "fonts"), { recursive: true });
await mkdir(join(vendor, "sortablejs"), { recursive: true });
await scripts(join(modules, "lit-html"), join(vendor, "lit-html"));
await scripts(join(modules, "lit-html", "directives"), join(vendor, "lit-html", "directives"));
await cp(
  join(modules, "sortablejs", "modular", "sortable.esm.js"),
  join(vendor, "sortablejs", "sortable.esm.js"),
);
await mkdir(join(vendor, "uplot"), { recursive: true });
for (const name of ["dist/uPlot.esm.js", "dist/uPlot.min.css", "LICENSE"]) {
  await cp(join(modules, "uplot", name), join(vendor, "uplot", basename(name)));
}
let css = "";
for (const [name, family] of Object.entries(FONTS)) css += await font(name, family);
await writeFile(join(vendor, "fonts", "fonts.css"), css);

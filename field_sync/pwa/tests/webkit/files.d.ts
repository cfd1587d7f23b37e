/** The tests, as `build.mjs` lists them: each file's name, and what brings it. */
declare module "files" {
  export const FILES: readonly (readonly [name: string, bring: () => Promise<unknown>])[];
}

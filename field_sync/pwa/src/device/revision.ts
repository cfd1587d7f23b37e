/** Which build of the app this page is. */

export const REVISION = document.querySelector<HTMLMetaElement>("meta[name=build]")?.content ?? "";

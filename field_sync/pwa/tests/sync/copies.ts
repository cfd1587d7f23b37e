/** Copies of a handheld's store: backups that come back, and phones that were cloned. */

import { openDB } from "idb";
import { openStore, type Store, VERSION } from "../../src/store/connection";
import { newName, type Scene } from "./handheld";

/** Copy a scene's store as it is at this moment, and open the copy. */
export async function copyOf(scene: Scene, name: string): Promise<Scene> {
  const to = newName();
  await copyDatabase(name, to);
  return { ...scene, store: await openStore(to) };
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const source = await openDB(from);
  const target = await openDB(to, VERSION, {
    upgrade: (made) => {
      for (const each of source.objectStoreNames) made.createObjectStore(each);
    },
  });
  for (const each of source.objectStoreNames) {
    const [keys, values] = await Promise.all([source.getAllKeys(each), source.getAll(each)]);
    const writing = target.transaction(each, "readwrite");
    for (const [place, key] of keys.entries()) writing.store.put(values[place], key);
    await writing.done;
  }
  source.close();
  target.close();
}

/** Close a store and open it again from the disk: what a crash of the page leaves. */
export async function reopened(store: Store, name: string): Promise<Store> {
  await store.close();
  return openStore(name);
}

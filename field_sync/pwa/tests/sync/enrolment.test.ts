/** Whose handheld it is: enrolled once, signed in again, with its key or with another. */

import { expect, test } from "vitest";
import * as errors from "../../src/errors";
import { openStore } from "../../src/store/connection";
import * as outbox from "../../src/store/outbox";
import * as records from "../../src/store/records";
import * as settings from "../../src/store/settings";
import { Name } from "../../src/store/settings";
import * as enrolment from "../../src/sync/enrolment";
import { StoredKeys } from "../../src/sync/keys";
import { ADDRESS } from "./fake_server";
import { act, bare, enrolled, LI_WEI, newName, phone, type Scene, sync } from "./handheld";
import { losing } from "./network";

const WHO = { server: ADDRESS, login: LI_WEI, name: "handheld 7" };

function enrol({ store, line, edge }: Scene, who = WHO): Promise<void> {
  return enrolment.enrol(store, line, edge, who);
}

test("a handheld is enrolled under its own id, and knows whose it is", async () => {
  const scene = await bare();
  await enrol(scene);
  const { tables } = scene.store;
  expect(settings.find(tables, Name.DEVICE)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(settings.find(tables, Name.PERSON)).toBe("李伟");
  expect(settings.find(tables, Name.ENROLLING)).toBeNull();
  expect(scene.server.requests).toEqual(["POST /v1/sessions", "POST /v1/devices"]);
  await expect(enrol(scene)).rejects.toBeInstanceOf(errors.AlreadyEnrolled);
});

test("begun anew after a lost answer, it is the same device with the same key", async () => {
  const scene = await bare();
  scene.network.fault = losing("none", "answer_lost");
  await expect(enrol(scene)).rejects.toBeInstanceOf(errors.NoSignal);
  const begun = settings.find(scene.store.tables, Name.ENROLLING);
  const key = await new StoredKeys(scene.store).find();
  await enrol(scene);
  expect(settings.find(scene.store.tables, Name.DEVICE)).toBe(begun);
  expect(await new StoredKeys(scene.store).find()).toEqual(key);
});

test("a wrong password enrols nobody", async () => {
  const scene = await bare();
  const login = { login: "li.wei", password: "wrong" };
  await expect(enrol(scene, { ...WHO, login })).rejects.toMatchObject({
    serverCode: "wrong-password",
  });
  expect(settings.find(scene.store.tables, Name.DEVICE)).toBeNull();
});

test("the private key can be read by nobody, and survives the page", async () => {
  const name = newName();
  const scene = await enrolled({ name });
  const before = await new StoredKeys(scene.store).find();
  await scene.store.close();
  const again = await openStore(name);
  expect(await new StoredKeys(again).find()).toEqual(before);
  const pair = (await again.readKeys("device")) as CryptoKeyPair;
  expect(pair.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", pair.privateKey)).rejects.toThrow();
});

test("a server whose backup is older than the device gets it again under its own id", async () => {
  const scene = await phone();
  await act(scene);
  await sync(scene);
  scene.server.restore({ settled: 0 });
  scene.server.forgetDevices();
  await enrolment.signIn(scene.store, scene.line, scene.edge, { login: LI_WEI });
  expect((await sync(scene)).refused).toBeNull();
  expect(scene.server.operations).toHaveLength(1);
});

test("a handheld that lost its key takes another, the same one until it has it", async () => {
  const scene = await phone();
  const made = await act(scene);
  await scene.store.writing((tables) => tables.dropKeys("device"));
  scene.server.witness = null;
  const { store, line, edge } = scene;
  scene.network.fault = losing("none", "none", "answer_lost");
  const first = enrolment.signIn(store, line, edge, { login: LI_WEI });
  await expect(first).rejects.toBeInstanceOf(errors.NoSignal);
  const keys = new StoredKeys(store);
  expect(await keys.isChanging()).toBe(true);
  const next = await (await keys.next(edge)).find();
  await enrolment.signIn(store, line, edge, { login: LI_WEI });
  expect(await keys.find()).toEqual(next);
  expect(await keys.isChanging()).toBe(false);
  expect((await sync(scene)).refused).toBeNull();
  expect(scene.server.operations.map((each) => each.id)).toEqual([made.id]);
});

test("who signs in on a revoked handheld wipes it", async () => {
  const scene = await phone();
  await act(scene);
  scene.server.revoked = true;
  const { store, line, edge } = scene;
  const again = enrolment.signIn(store, line, edge, { login: LI_WEI });
  await expect(again).rejects.toBeInstanceOf(errors.Wiped);
  expect([records.count(store.tables), outbox.countWaiting(store.tables)]).toEqual([0, 1]);
  await expect(enrol(scene)).rejects.toBeInstanceOf(errors.Wiped);
});

test("a handheld that belongs to nobody signs nobody in", async () => {
  const { store, line, edge } = await bare();
  const signing = enrolment.signIn(store, line, edge, { login: LI_WEI });
  await expect(signing).rejects.toBeInstanceOf(errors.NotEnrolled);
});

test("a nonce is put into another proof, and kept for the next", async () => {
  const scene = await phone();
  const { witness } = scene.server;
  if (witness === null) throw new Error("nobody looks");
  witness.nonce = "what the server gave";
  scene.edge.fastS = 7 * 86_400;
  scene.server.requests.length = 0;
  expect((await sync(scene)).refused).toBeNull();
  await sync(scene);
  expect(scene.server.requests).toHaveLength(3);
  expect(witness.proofs.at(-1)?.claims.nonce).toBe("what the server gave");
});

test("a server that is never content with a proof is no signal", async () => {
  const scene = await phone();
  const { witness } = scene.server;
  if (witness === null) throw new Error("nobody looks");
  let given = 0;
  scene.network.fault = () => {
    given += 1;
    witness.nonce = `nonce ${given}`;
    return "none";
  };
  expect((await sync(scene)).refused).toBeInstanceOf(errors.NoSignal);
  expect(given).toBe(2);
});

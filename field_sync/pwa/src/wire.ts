/**
 * Every shape that a phone sends, gets or stores, in the order and words of the wire.
 * Written by `python -m tests.docs.wire` from the server's OpenAPI page; a test keeps it true.
 * What is optional (`?`) has a default, which the page names.
 */

/** RFC 3339 instant. */
export type Instant = string;

/** Exact decimal number as a string. */
export type Exact = string;

export type Aim =
  | "arrive"
  | "restore"
  | "finish";

export type AreaClass =
  | "urban"
  | "rural"
  | "remote";

export type ConsentHow =
  | "spoken"
  | "written"
  | "signed";

export type ContactWay =
  | "at_door"
  | "phone"
  | "message"
  | "letter"
  | "counter";

export type Datum =
  | "wgs84"
  | "gcj02"
  | "bd09";

export type EvidenceKind =
  | "site"
  | "before"
  | "after"
  | "meter"
  | "signature"
  | "other";

export type Kind =
  | "repair"
  | "route";

export type Level =
  | "headquarters"
  | "province"
  | "city"
  | "district";

export type MessageKind =
  | "given"
  | "released"
  | "cancelled"
  | "reopened"
  | "done_by_another"
  | "restored_by_another"
  | "chased";

export type Method =
  | "read"
  | "scanned"
  | "remote"
  | "customer"
  | "estimated";

export type NoticeKind =
  | "given"
  | "released"
  | "cancelled"
  | "reopened"
  | "done_by_another"
  | "restored_by_another"
  | "urgent_order"
  | "chased"
  | "promise_near"
  | "late_work_decided"
  | "customer"
  | "event";

export type Originals =
  | "hash"
  | "send";

export type Quality =
  | "actual"
  | "customer"
  | "estimated"
  | "questionable";

export type ReasonFor =
  | "return"
  | "suspend";

export type Role =
  | "lineman"
  | "reader"
  | "dispatcher"
  | "supervisor"
  | "administrator"
  | "integration";

export type SkipCode =
  | "no_access"
  | "dog"
  | "locked"
  | "display_dead"
  | "meter_missing"
  | "danger"
  | "refused";

export type State =
  | "reported"
  | "dispatched"
  | "accepted"
  | "en_route"
  | "arrived"
  | "working"
  | "restored"
  | "finished"
  | "called_back"
  | "archived"
  | "returned"
  | "suspended"
  | "cancelled";

export type Status =
  | "applied"
  | "duplicate"
  | "merged"
  | "conflict"
  | "held"
  | "rejected";

export type StopState =
  | "open"
  | "read"
  | "skipped";

export type TileFormat =
  | "png"
  | "jpeg"
  | "webp";

export type Tongue =
  | "zh"
  | "en";

export type VerdictKind =
  | "inside"
  | "unsure"
  | "outside";

/** Operation `task.accept`: the crew takes the work. */
export interface Accepted {}

/**
 * How far the server has settled a device's operations: asked after a lost answer.
 *
 * `outcomes` are those, beyond the number that the phone already knew of, that were not applied.
 * `chain` is the SHA-256 of the last settled operation's bytes, empty before the first.
 * `known` is that of the operation with the number that was asked about, empty where there is
 * none: by it the phone sees whether the server still has what it said it had.
 */
export interface Acknowledged {
  server_at: Instant;
  acked_through: number;
  chain: string;
  outcomes?: Outcome[];
  known?: string;
}

/**
 * Operation `task.amend`: the crew found it otherwise than the order says.
 *
 * A field that the office has changed since the crew saw it is merged: words of both sides stand
 * side by side, a position stays the office's; both values are on the timeline.
 */
export interface Amended {
  contact?: TextAmended | null;
  note?: TextAmended | null;
  access_note?: TextAmended | null;
  position?: PositionAmended | null;
}

/**
 * A service area; its crews take what is reported inside it.
 *
 * It is the synced entity `area` of those who work there, too, its shape made small for a map.
 */
export interface Area {
  name: string;
  area_class: AreaClass;
  geometry: Record<string, unknown>;
  datum?: Datum;
  id: string;
  version: number;
}

/**
 * A feeder and what of its lines lies near one area, made small; the synced entity `feeder`.
 *
 * `geometry` is a MultiLineString.
 */
export interface AreaFeeder {
  id: string;
  name: string;
  kv: number;
  station: string;
  area_id: string;
  feeder_id: string;
  geometry: Record<string, unknown>;
  datum: Datum;
  version: number;
}

/**
 * One audience's page: its changes in the order they were committed.
 *
 * `fresh` says that the page starts at the beginning: what was held of the audience is forgotten.
 */
export interface AudienceChanges {
  audience: string;
  through: number;
  fresh?: boolean;
  changes: Change[];
}

/**
 * The basemap that a utility provides: a PMTiles archive of pictures, and what it covers.
 *
 * `id` is the SHA-256 of the archive; another archive has another.
 */
export interface Basemap {
  id: string;
  size_bytes: number;
  format: TileFormat;
  zoom_min: number;
  zoom_max: number;
  west_deg: number;
  south_deg: number;
  east_deg: number;
  north_deg: number;
  attribution?: string;
}

/** What basemap there is, if the utility provides one. */
export interface BasemapOffer {
  basemap: Basemap | null;
}

/** The newest form of one entity in an audience: put with its record, or gone. */
export interface Change {
  entity: string;
  id: string;
  put?: unknown;
  gone?: boolean;
}

/**
 * Operation `checkin.record`: the crew says it has arrived; the fix says how surely.
 *
 * `verdict` is what the phone showed; the server judges again by the same function.
 * `sightings` are positions during a stay, `photo_sha256` photos that were declared before, and
 * `scanned` a code as it was read from a meter or the site.
 */
export interface CheckIn {
  fix?: Fix | null;
  verdict?: VerdictKind | null;
  note?: string;
  sightings?: Sighting[];
  photo_sha256?: string[];
  scanned?: string;
}

/** A checkpoint as phones carry it: its number in the district, and its statement's hash. */
export interface CheckpointMark {
  number: number;
  sha256: string;
}

/** Who consented, and how; a signature is evidence that was declared for the same order. */
export interface Consent {
  name: string;
  how?: ConsentHow;
  signature_sha256?: string | null;
}

/**
 * The phone's clocks at the moment it sends, and the last exchange whose time it measured.
 *
 * How long this contact takes, only the next one can tell.
 */
export interface Contact {
  device_at: Instant;
  mono_ms: number;
  boot: string;
  measured?: Exchange | null;
}

/**
 * Operation `evidence.declare`: a file exists on the phone, and this is its hash.
 *
 * `original` is told where the phone made the photo smaller, and its district asks for it.
 */
export interface Declared {
  sha256: string;
  size_bytes: number;
  media_type: string;
  kind?: EvidenceKind;
  stop_id?: string | null;
  fix?: Fix | null;
  note?: string;
  original?: Original | null;
}

/**
 * A device's public key: a point on P-256 as a JWK (RFC 7517).
 *
 * The private key is made on the device and never leaves it; it signs what the device pushes.
 */
export interface DeviceKey {
  kty?: "EC";
  crv?: "P-256";
  x: string;
  y: string;
}

/**
 * What the office likes to know of a phone: work unsent, and where it is.
 *
 * `queued` counts the operations that this push leaves behind; `unsent_since` is the device time
 * of the oldest of them. `files_bytes` is the size of the files that wait.
 */
export interface DeviceStatus {
  queued?: number;
  unsent_since?: Instant | null;
  files_queued?: number;
  files_bytes?: number;
  fix?: Fix | null;
  accuracy_m?: number | null;
  app?: string;
}

/**
 * What phones know of their district; the synced entity `district`.
 *
 * `dwell_s` is how long somebody stays whose position is in doubt, for the stay to count.
 * `reasons` are those of each policy set that work of the district may have been opened under; the
 * first set is in force.
 * `photo_on_skip` are the reasons for which a skipped meter is photographed; `photo_on_confirm`
 * says whether the display is, where a reader confirms an odd value.
 */
export interface District {
  id: string;
  name: string;
  zone: string;
  datum: Datum;
  fix_age_max_s: number;
  radius_m: number;
  version: number;
  dwell_s?: number;
  originals?: Originals;
  reasons?: PolicyReasons[];
  photo_on_skip?: SkipCode[];
  photo_on_confirm?: boolean;
}

/** An enrolled device, and tokens bound to it. */
export interface Enrolled {
  device_id: string;
  district_id: string;
  tokens: Tokens;
}

/** A device that its person wants to work with; its id and its key are made on the device. */
export interface Enrolment {
  id?: string | null;
  name: string;
  app: string;
  key: DeviceKey;
}

/**
 * An exchange that was answered: when the phone sent it, and how long the answer took.
 *
 * `mono_ms` and `boot` name the contact as it was sent then.
 */
export interface Exchange {
  mono_ms: number;
  boot: string;
  round_trip_s: number;
}

/** A GeoJSON feature (RFC 7946). */
export interface Feature {
  type?: "Feature";
  id: string;
  geometry: Record<string, unknown>;
  properties: Record<string, unknown>;
}

/** GeoJSON features in WGS-84; `next` is the key of the next page, null on the last. */
export interface FeatureCollection {
  type?: "FeatureCollection";
  features: Feature[];
  next?: string | null;
}

/** Operation `task.finish`: the work is done, what was found and what was used. */
export interface Finished {
  cause?: string;
  work_done?: string;
  materials?: Material[];
}

/**
 * A position fix as the phone's platform gave it; nothing is improved or rounded.
 *
 * `accuracy_m` is the radius of 68 %; zero or null means unknown.
 * `age_s` is how old the fix was when it was used.
 */
export interface Fix {
  lat_deg: number;
  lon_deg: number;
  accuracy_m?: number | null;
  age_s?: number | null;
  datum?: Datum;
  simulated?: boolean;
  provider?: string | null;
}

/**
 * The last operation of a push, signed by the device's key (ES256: r and s, base64url).
 *
 * What is signed is `schemas.rules.operation_chain.statement`; because each operation names the
 * hash of the one before it, the signature vouches for all of them.
 */
export interface Head {
  n: number;
  sha256: string;
  signature: string;
}

/**
 * What a revoked device had not sent: its tokens are dead, so its key alone speaks for it.
 *
 * `head` signs the last of the operations; without operations, the newest that the device made.
 */
export interface LastWords {
  protocol?: number;
  device_id: string;
  contact: Contact;
  head: Head;
  operations?: unknown[];
}

/**
 * What is safe of a revoked device: it may forget its operations up to `safe_through`.
 *
 * `missing` are files that the server waits for; `upload_token` opens their uploads, and nothing
 * else, until it expires. With `more` there are others: say it again once these are here.
 */
export interface LastWordsHeard {
  server_at: Instant;
  safe_through: number;
  missing: MissingFile[];
  more?: boolean;
  upload_token: string;
  upload_expires_at: Instant;
}

/**
 * What a server takes: a client that keeps within it is never refused for its size.
 *
 * `operations_max` and `changes_max` are of one exchange, `body_bytes_max` of its body, both as
 * sent and once inflated. Beyond `exchanges_per_minute` a device is told `too-many`; a server
 * with no place left says `busy` and asks for `retry_after_s`. Phones that a timer wakes start
 * spread over `wake_window_s`.
 */
export interface Limits {
  protocol: number;
  operations_max: number;
  changes_max: number;
  body_bytes_max: number;
  exchanges_per_minute: number;
  retry_after_s: number;
  wake_window_s: number;
}

/** Something used up on the job. */
export interface Material {
  name: string;
  quantity: number;
  unit?: string;
}

/**
 * What a crew is told about work that was or is theirs; the synced entity `message`.
 *
 * It leaves the handheld by itself after some days; that it was read, only the handheld knows.
 */
export interface Message {
  id: string;
  kind: MessageKind;
  task_id: string;
  title: string;
  words: Words;
  at: Instant;
}

/**
 * Operation `meter.changed`: another meter stands at the stop now.
 *
 * `old_total` is the last value of the one that is gone, where somebody knows it; `total` and
 * `tariffs` are what the new one shows now, `digits` and `decimals` what it can show.
 */
export interface MeterChanged {
  stop_id: string;
  serial: string;
  digits: number;
  decimals?: number;
  total: Exact;
  tariffs?: Record<string, Exact>;
  old_total?: Exact | null;
  fix?: Fix | null;
  photo_sha256?: string[];
  note?: string;
}

/**
 * Operation `meter.found`: a meter stands there that is not on the route.
 *
 * `place` says where, in words; `total` is what it shows, where it could be read.
 */
export interface MeterFound {
  serial: string;
  place: string;
  total?: Exact | null;
  fix?: Fix | null;
  photo_sha256?: string[];
  note?: string;
}

/**
 * Operation `meter.mismatch`: the plate says another serial than the stop; nobody knows why.
 *
 * `total` is what the meter shows, where it was read.
 */
export interface MeterMismatch {
  stop_id: string;
  serial: string;
  total?: Exact | null;
  fix?: Fix | null;
  photo_sha256?: string[];
  note?: string;
}

/** What the server still waits for, as a phone is told. */
export interface MissingFile {
  sha256: string;
  size_bytes: number;
  offset_bytes?: number;
  upload?: string | null;
}

/** Operation `task.note`: words for the order's timeline; always kept. */
export interface Noted {
  text: string;
}

/**
 * Something a crew did, made and stored on the phone before anything was shown.
 *
 * `n` counts the device's operations from 1 without a gap.
 * `at` is the device's wall clock, `mono_ms` its monotonic clock, `boot` names the boot it counts.
 * `prev` is the SHA-256 of the previous operation's exact bytes, empty for the first.
 * `rebased` says that it was given a new number after the device's chain had parted from the
 * server's: what precedes it in the chain need not have happened before it.
 */
export interface Operation {
  id: string;
  n: number;
  type: string;
  v?: number;
  subject: string;
  based_on?: number | null;
  at: Instant;
  mono_ms: number;
  boot: string;
  prev?: string;
  rebased?: boolean;
  body?: unknown;
}

/** The `body` of each `type` of operation, at its present version. */
export interface OperationBodies {
  "task.accept": Accepted;
  "task.set_out": SetOut;
  "task.start": Started;
  "task.return": Returned;
  "task.suspend": Suspended;
  "task.resume": Resumed;
  "task.note": Noted;
  "task.finish": Finished;
  "task.amend": Amended;
  "promise.make": PromiseMade;
  "promise.reagree": PromiseReagreed;
  "repair.restored": Restored;
  "checkin.record": CheckIn;
  "evidence.declare": Declared;
  "reading.take": ReadingTaken;
  "reading.skip": ReadingSkipped;
  "meter.found": MeterFound;
  "meter.changed": MeterChanged;
  "meter.mismatch": MeterMismatch;
}

/**
 * A photo as the camera made it, of which the phone kept a smaller one; its bytes are gone.
 *
 * What it said of itself is a claim: `camera_local` is the camera's wall clock as it stands,
 * `camera_offset` the zone that it names (`+08:00`), the position that of its satellites.
 */
export interface Original {
  sha256: string;
  size_bytes: number;
  media_type: string;
  camera_local?: string | null;
  camera_offset?: string | null;
  lat_deg?: number | null;
  lon_deg?: number | null;
}

/**
 * What became of one operation, in a code and a sentence that a person can act on.
 *
 * It also travels as the synced entity `outcome`, in the audience `device:<id>`: the final outcome
 * of an operation that was held.
 */
export interface Outcome {
  n: number;
  id: string;
  status: Status;
  code: string;
  detail: Words;
  fields?: Record<string, unknown>;
}

/**
 * A reason that a policy set knows, as it is picked; concrete words are given besides.
 *
 * `holds` lists the kinds of promises whose clocks stand still while work is suspended for it;
 * `needs_until` asks whoever suspends for it until when.
 */
export interface PolicyReason {
  code: string;
  words: Words;
  given_for: ReasonFor[];
  holds?: string[];
  needs_until?: boolean;
}

/**
 * What work may be returned or suspended for by one policy set, as phones pick it.
 *
 * `own_words` lists what words alone are enough for.
 */
export interface PolicyReasons {
  policy: string;
  reasons: PolicyReason[];
  own_words: ReasonFor[];
}

/** A point on the ground in a stated datum. */
export interface Position {
  lat_deg: number;
  lon_deg: number;
  datum?: Datum;
}

/** A position that a crew corrected: what it saw, null where there was none, and what it set. */
export interface PositionAmended {
  saw?: Position | null;
  set: Position;
}

/** The one error body (RFC 9457, `application/problem+json`). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: Words;
  fields?: Record<string, unknown>;
  request_id?: string;
}

/**
 * Operation `promise.make`: the customer was promised a window, in these words.
 *
 * `aim` shall have come by `due_at`, and not before `from_at` where somebody waits from then on.
 */
export interface PromiseMade {
  customer: string;
  contact?: string;
  channel?: ContactWay;
  aim?: Aim;
  from_at?: Instant | null;
  due_at: Instant;
  words: string;
  consent?: Consent | null;
}

/** Operation `promise.reagree`: before it is due, the customer consented to another window. */
export interface PromiseReagreed {
  channel?: ContactWay;
  from_at?: Instant | null;
  due_at: Instant;
  words: string;
  consent: Consent;
  why: string;
  promise_id: string;
}

/** The house's public key by which push services know it (VAPID, RFC 8292). */
export interface PushKey {
  key: string;
}

/** What a phone reads when it is woken: one sentence, and which order it is about. */
export interface PushMessage {
  id: string;
  kind: NoticeKind;
  subject_id: string;
  words: string;
}

/** That a device is subscribed, and since when with these keys. */
export interface PushSubscribed {
  since: Instant;
}

/**
 * Where a device hears notices: what its browser's push service gave it, and its language.
 *
 * `p256dh` and `auth` are the browser's own keys; only it can read what is sealed with them.
 */
export interface PushSubscription {
  endpoint: string;
  p256dh: string;
  auth: string;
  lang: Tongue;
}

/** Operation `reading.skip`: the meter could not be read, and why. */
export interface ReadingSkipped {
  stop_id: string;
  code: SkipCode;
  fix?: Fix | null;
  photo_sha256?: string[];
  note?: string;
}

/**
 * Operation `reading.take`: a register value, and how it was got.
 *
 * `total` is the register of the whole; `tariffs` its parts by name when the meter has them.
 * `confirmed` lists the prompts that the reader saw and confirmed.
 */
export interface ReadingTaken {
  stop_id: string;
  total: Exact;
  tariffs?: Record<string, Exact>;
  method?: Method;
  confirmed?: string[];
  fix?: Fix | null;
  photo_sha256?: string[];
  note?: string;
}

/** What a change of each `entity` puts. */
export interface Records {
  district: District;
  area: Area;
  feeder: AreaFeeder;
  task: Task;
  stop: Stop;
  message: Message;
  outcome: Outcome;
}

/**
 * A refresh token to exchange for new tokens.
 *
 * A device names itself, so that it hears that it is revoked from a server that does not know
 * its token any more.
 */
export interface Refresh {
  refresh_token: string;
  device_id?: string | null;
}

/** Operation `repair.restored`: the lights are on again. */
export interface Restored {
  note?: string;
}

/** Operation `task.resume`: the work goes on. */
export interface Resumed {}

/**
 * Operation `task.return`: the crew gives the work back, with a concrete reason.
 *
 * `code` picks a reason of the order's policy set.
 */
export interface Returned {
  reason: string;
  code?: string | null;
}

/** Operation `task.set_out`: the crew is on its way. */
export interface SetOut {}

/**
 * A position that was seen while a check-in was open.
 *
 * `after_s` counts from the first look, by a clock that nobody can set; the fix has the age that
 * it had then.
 */
export interface Sighting {
  after_s: number;
  fix: Fix;
}

/**
 * A login and its password; `device_id` signs an enrolled device in again.
 *
 * The login may be typed in capitals or in full-width letters.
 */
export interface SignIn {
  login: string;
  password: string;
  device_id?: string | null;
}

/** Operation `task.start`: hands on the work. */
export interface Started {}

/**
 * One meter on a route, with all that its checks need; the synced entity `stop`.
 *
 * `typical_kwh`, `low_kwh` and `high_kwh` feed the checks and are never shown to the reader.
 * `previous_value` is the last actual one, `reported_value` the last that was billed by, whatever
 * its quality. `finding_id` says that another meter was found here than is on record.
 */
export interface Stop {
  id: string;
  route_id: string;
  sequence: number;
  state: StopState;
  service_point_id: string;
  meter_id: string;
  serial: string;
  digits: number;
  decimals?: number;
  multiplier: Exact;
  registers: string[];
  address: string;
  access_note?: string;
  keys?: string;
  dogs?: string;
  care?: boolean;
  geometry: Record<string, unknown>;
  datum: Datum;
  radius_m: number;
  box?: string | null;
  previous_value?: Exact | null;
  previous_at?: Instant | null;
  reported_value?: Exact | null;
  reported_at?: Instant | null;
  reported_quality?: Quality | null;
  typical_kwh?: Exact | null;
  low_kwh?: Exact | null;
  high_kwh?: Exact | null;
  active_history?: boolean;
  skip_code?: SkipCode | null;
  finding_id?: string | null;
}

/**
 * Operation `task.suspend`: the work must wait, with a concrete reason.
 *
 * `until` is when the crew thinks that it can go on, if it can say.
 * `code` picks a reason of the order's policy set; a clock stands still only for one that holds
 * it.
 */
export interface Suspended {
  reason: string;
  until?: Instant | null;
  code?: string | null;
}

/**
 * The server's side of one contact.
 *
 * Every operation with `n <= acked_through` is settled; those not in `outcomes` were applied.
 * `sequence-fork` and `sequence-gap` settle nothing: the number belongs to another operation, or
 * is not its turn yet. Ask (`/v1/sync/ack`), join the chain anew, and send again.
 * `chain` is the SHA-256 of the last settled operation's bytes, empty before the first: where it
 * is not the phone's own, another copy of the phone went on after a backup came back. Join anew.
 * `checkpoint` is the newest of the device's district, where there is one: the phone keeps it.
 */
export interface SyncAnswer {
  server_at: Instant;
  acked_through: number;
  outcomes: Outcome[];
  feeds: AudienceChanges[];
  dropped: string[];
  cursor: string;
  more: boolean;
  missing: MissingFile[];
  next_in_s: number;
  wipe?: boolean;
  notice?: string;
  chain?: string | null;
  checkpoint?: CheckpointMark;
}

/**
 * One contact: operations in the order of `n`, and a cursor for what comes back.
 *
 * A device that was enrolled with a key signs the `head` of every push that has operations.
 * `seen` is the newest checkpoint that it was ever shown; one that was shown none leaves it out.
 */
export interface SyncRequest {
  protocol?: number;
  contact: Contact;
  status?: DeviceStatus;
  cursor?: string | null;
  operations?: unknown[];
  changes_max?: number;
  head?: Head | null;
  seen?: CheckpointMark;
}

/**
 * One piece of work as the crew and the office see it; the synced entity `task`.
 *
 * `look` names what a person of the office is asked to look at: `cancelled_meanwhile` (work was
 * done on an order that was called off) or `done_twice`.
 */
export interface Task {
  id: string;
  district_id: string;
  kind: Kind;
  state: State;
  version: number;
  title: string;
  note?: string;
  urgency?: number;
  crew_id?: string | null;
  person_id?: string | null;
  why?: string;
  area_id?: string | null;
  site?: WorkSite | null;
  service_point_id?: string | null;
  care?: boolean;
  contact?: string;
  opened_at: Instant;
  state_at: Instant;
  suspended_reason?: string;
  suspended_until?: Instant | null;
  look?: string | null;
  evidence_declared?: number;
  evidence_missing?: number;
  clocks?: TaskClock[];
}

/**
 * A promise that runs on this task, as the phone shows it counting down.
 *
 * It stands still since `paused_at`, if it does.
 * `promise` says what a customer was told beyond the policy's promises; `kind` is `promise` then.
 * `stop_event` is what keeps it; a phone also tells by itself when it is near its end.
 * `policy` names the policy set that it is of, whose reasons the work may be suspended for.
 */
export interface TaskClock {
  kind: string;
  due_at: Instant;
  stopped_at?: Instant | null;
  paused_at?: Instant | null;
  promise?: TaskPromise | null;
  started_at?: Instant | null;
  stop_event?: string | null;
  policy?: string | null;
}

/** What somebody promised the customer: that `aim` comes from `from_at` on, in these words. */
export interface TaskPromise {
  id: string;
  aim: Aim;
  given_at: Instant;
  from_at?: Instant | null;
  words?: string;
}

/** Words that a crew corrected: what it saw, and what it set. */
export interface TextAmended {
  saw: string;
  set: string;
}

/**
 * What signing in, refreshing and enrolling answer.
 *
 * `token_type` is how the access token is shown: `DPoP` asks for a proof with every request.
 * `districts` are those that the person may name in `X-District`, the first hundred of them.
 */
export interface Tokens {
  access_token: string;
  access_expires_at: Instant;
  token_type?: "Bearer" | "DPoP";
  refresh_token: string;
  refresh_expires_at: Instant;
  person_id: string;
  name: string;
  roles: Role[];
  device_id: string | null;
  districts: UnitView[];
}

/** A node of the organisation tree; `path` names every unit from the top. */
export interface UnitView {
  id: string;
  parent_id: string | null;
  level: Level;
  name: string;
  path: string;
}

/** One sentence in both languages of the house. */
export interface Words {
  en: string;
  zh: string;
}

/** The ground a crew must stand on: a shape, and how near to it is near enough. */
export interface WorkSite {
  geometry: Record<string, unknown>;
  datum: Datum;
  radius_m: number;
  address?: string;
  access_note?: string;
}

/** The present version (`v`) of each type of operation. */
export const VERSIONS = {
  "task.accept": 1,
  "task.set_out": 1,
  "task.start": 1,
  "task.return": 2,
  "task.suspend": 3,
  "task.resume": 1,
  "task.note": 1,
  "task.finish": 1,
  "task.amend": 1,
  "promise.make": 1,
  "promise.reagree": 1,
  "repair.restored": 1,
  "checkin.record": 2,
  "evidence.declare": 2,
  "reading.take": 1,
  "reading.skip": 2,
  "meter.found": 1,
  "meter.changed": 1,
  "meter.mismatch": 1,
} as const satisfies Record<keyof OperationBodies, number>;

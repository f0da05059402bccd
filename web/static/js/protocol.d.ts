// Written by `diemcau schema --typescript`; do not edit.

export interface AcceptRequest {
  type: "accept_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface Ack {
  type: "ack";
  cmd_id: string;
  rev: number;
}

export interface Acknowledge {
  type: "acknowledge";
  alert: string;
  note?: string;
  cmd_id?: string;
}

export interface Action {
  type: "action";
  id: string;
  site: string;
  action: ActionKind;
  value?: string;
  by?: string;
  at: number;
  state: ActionState;
  detail?: string;
}

export interface ActionDone {
  type: "action_done";
  action_id: string;
  ok: boolean;
  detail?: string;
}

export type ActionKind = "audio_only" | "cap" | "layer" | "line" | "mute" | "note" | "reconnect" | "reload" | "talk";

export type ActionState = "sent" | "shown" | "done" | "failed";

export interface ActionView {
  rev: number;
  at: number;
  by: string;
  role: string;
  site: string;
  key: string;
  deed: string;
  request: string;
  name: string;
  subject: string;
  undoable: boolean;
  undone: boolean;
}

export interface AgendaView {
  id: string;
  title: Text;
  starts_at: string;
  minutes: number;
  state: string;
  started_at: number;
}

export interface AlertView {
  id: string;
  kind: string;
  level: string;
  since: number;
  acked_by?: string;
  note?: string;
  acked_at?: number;
}

export interface ApplyProposal {
  type: "apply_proposal";
  cmd_id: string;
  expected_rev?: number | null;
  order: Array<string>;
}

export type AudioOnly = "" | "down" | "up" | "both";

export interface Baseline {
  at: number;
  seconds: number;
  rtt_ms: number;
  loss_up: number;
  loss_down: number;
  kbps_up: number;
  kbps_down: number;
  fps_up: number;
  fps_down: number;
  height_up: number;
  score: number;
  by?: string;
  signed_at?: number;
}

export interface Call {
  by?: string;
  spoken?: boolean;
  heard?: Heard | null;
  answered?: boolean;
  voice?: boolean;
}

export interface CallFollowing {
  type: "call_following";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  following: string;
}

export interface CallOnDeck {
  type: "call_on_deck";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface CancelRequest {
  type: "cancel_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  reason?: string;
}

export type ChairPriority = "beside" | "suspend" | "clear";

export type Check = "link" | "picture" | "sound" | "return";

export interface ClearRequests {
  type: "clear_requests";
  cmd_id: string;
  expected_rev?: number | null;
  count: number;
  reason?: string;
}

export interface ConfirmReturn {
  type: "confirm_return";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export type Contribution = "site" | "delegate";

export interface CorrectTime {
  type: "correct_time";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  seconds: number;
  reason?: string;
}

export interface DeckView {
  called_at: number;
  prep_until: number;
  missing: Array<Check>;
  returned: boolean;
}

export interface DelegateSpokenView {
  site: string;
  name: string;
  title: string;
  speeches: number;
  seconds: number;
  overtime: number;
}

export interface DelegateView {
  event: Text;
  session: Text;
  session_id: string;
  date: string;
  time_zone: string;
  venue: string;
  sites: Record<string, SiteView>;
  program: ProgramView;
  requests: Record<string, RequestView>;
  speaking: Array<string>;
  lower_third?: LowerThird | null;
  list_state: ListState;
  agenda: Array<AgendaView>;
  site: string;
  mine: Array<string>;
  positions: Record<string, number>;
  ahead: Record<string, number>;
  waiting: number;
  limits: LimitsView;
  speeches: Array<SpeechView>;
}

export interface DenyRequest {
  type: "deny_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  reason?: string;
}

export interface DeviceView {
  peer: string;
  rank?: Rank;
  connected?: boolean;
  sending?: boolean;
}

export interface DirectionView {
  kbps?: number;
  loss?: number;
  jitter_ms?: number;
  width?: number;
  height?: number;
  fps?: number;
  missing?: number;
  repaired?: number;
  layer?: string;
  plis?: number;
  nacks?: number;
  freeze_s?: number;
  concealed?: number;
  level_dbov?: number | null;
}

export interface EditRequest {
  type: "edit_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  name: string;
  title?: string;
  topic?: string;
}

export interface ExtendFloor {
  type: "extend_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  seconds: number;
}

export interface FileRequest {
  type: "file_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface FloorPolicy {
  capacity?: number;
  first_limit?: number;
  next_limit?: number;
  contribution?: Contribution;
  chair_limit?: number;
  point_of_order_limit?: number;
  reply_limit?: number;
  warning?: number;
  overtime?: Overtime;
  auto_accept?: boolean;
  auto_call?: boolean;
  auto_grant?: boolean;
  several_requests?: boolean;
  chair_priority?: ChairPriority;
  check_timeout?: number;
  prep_timeout?: number;
  arm_timeout?: number;
  drop_timeout?: number;
  revoke_grace?: number;
}

export interface Former {
  by: string;
  at: number;
  note?: string;
  reopened_by?: string;
  reopened_at?: number;
}

export interface GrantFloor {
  type: "grant_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  override?: boolean;
}

export interface GrantView {
  id: string;
  phase: string;
  granted_at: number;
  live_at: number;
  live_since: number;
  used: number;
  limit: number;
  warning: number;
  ends_at: number;
  drop_until: number;
  cut: boolean;
  paused_by: string;
}

export interface Heard {
  test: string;
  level_db?: number;
  problem?: string;
}

export interface Hello {
  type: "hello";
  rev?: number;
  instance?: string;
  lang?: string;
}

export interface HostView {
  event: Text;
  session: Text;
  session_id: string;
  date: string;
  time_zone: string;
  venue: string;
  sites: Record<string, SiteView>;
  program: ProgramView;
  requests: Record<string, RequestView>;
  speaking: Array<string>;
  lower_third?: LowerThird | null;
  list_state: ListState;
  agenda: Array<AgendaView>;
  site: string;
  mine: Array<string>;
  positions: Record<string, number>;
  ahead: Record<string, number>;
  waiting: number;
  limits: LimitsView;
  speeches: Array<SpeechView>;
  on_program: boolean;
  slides_on_program: boolean;
  microphone_open: boolean;
  orders: Orders;
}

export interface Joined {
  type: "joined";
  peer: string;
}

export interface KeepFloor {
  type: "keep_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export type Layer = "" | "q" | "h";

export type Layout = "single" | "inset" | "side_by_side";

export interface LedgerView {
  sites: Record<string, SpokenView>;
  regions: Record<string, SpokenView>;
  delegates: Array<DelegateSpokenView>;
}

export type Limitation = "none" | "cpu" | "bandwidth" | "other";

export interface LimitsView {
  first: number;
  next: number;
  reply: number;
  point_of_order: number;
}

export interface LinkView {
  pages?: number;
  devices?: number;
  publisher?: string;
  connected?: boolean;
  since?: number;
  rtt_ms?: number;
  path?: PathKind;
  cap_kbps?: number;
  score?: number;
  up?: DirectionView;
  down?: DirectionView;
  lines?: Array<DeviceView>;
  taken_by?: string;
  taken_at?: number;
  verdict?: VerdictView;
  alert?: AlertView | null;
  page?: PageStats | null;
  limitation?: string;
  candidate_changes?: number;
  reconnects?: number;
  muted?: boolean;
  forced_layer?: string;
  audio_only?: boolean;
}

export interface Links {
  type: "links";
  now: number;
  sites: Record<string, LinkView>;
  server?: ServerLoadView | null;
}

export type ListState = "open" | "closed" | "suspended";

export interface LowerThird {
  name: string;
  title: string;
  site: string;
}

export interface Mark {
  outcome: Outcome;
  at: number;
  by?: string;
  note?: string;
  reason?: string;
  figures?: Record<string, number>;
}

export interface ModeratorView {
  event: Text;
  session: Text;
  session_id: string;
  date: string;
  time_zone: string;
  venue: string;
  sites: Record<string, SiteView>;
  program: ProgramView;
  requests: Record<string, RequestView>;
  speaking: Array<string>;
  lower_third?: LowerThird | null;
  list_state: ListState;
  agenda: Array<AgendaView>;
  preview: ProgramView;
  queue: Array<string>;
  pending: Array<string>;
  filed: Array<string>;
  ended: Array<string>;
  microphones: Array<string>;
  slides: Array<string>;
  policy: FloorPolicy;
  proposal: Array<PlaceView>;
  ledger: LedgerView;
  actions: Array<ActionView>;
  orders: Record<string, Orders>;
}

export interface MoveRequest {
  type: "move_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  before?: string;
  after?: string;
}

export interface Nack {
  type: "nack";
  cmd_id: string;
  code: string;
  message: string;
  rev: number;
}

export interface Orders {
  muted?: boolean;
  audio_only?: AudioOnly;
  cap_kbps?: number | null;
  layer?: Layer;
}

export type Outcome = "good" | "bad" | "none";

export type Overtime = "warn" | "cut";

export interface PageStats {
  interval_s?: number;
  limitation?: Limitation | null;
  available_kbps?: number | null;
  captured_fps?: number | null;
  encoded_fps?: number | null;
  encode_ms?: number | null;
  camera?: TrackState | null;
  microphone?: TrackState | null;
  microphone_level?: number | null;
  decoded_fps?: number | null;
  freezes?: number | null;
  freeze_s?: number | null;
  concealed?: number | null;
  buffer_ms?: number | null;
  rtt_ms?: number | null;
  page_lag_ms?: number | null;
  candidate_changes?: number | null;
  reconnects?: number | null;
}

export interface Patch {
  type: "patch";
  rev: number;
  now: number;
  patch: Record<string, unknown>;
}

export type PathKind = "" | "direct" | "relay_udp" | "relay_tcp" | "relay_tls";

export interface PathReport {
  type: "path";
  peer: string;
  kind: PathKind;
}

export interface PauseFloor {
  type: "pause_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface PictureView {
  site: string;
  slate: boolean;
  slides: boolean;
}

export interface PlaceView {
  request: string;
  reason: string;
  seconds: number;
}

export interface PointView {
  lat: number;
  lon: number;
}

export interface PolicyChange {
  capacity?: number | null;
  first_limit?: number | null;
  next_limit?: number | null;
  contribution?: Contribution | null;
  chair_limit?: number | null;
  point_of_order_limit?: number | null;
  reply_limit?: number | null;
  warning?: number | null;
  overtime?: Overtime | null;
  auto_accept?: boolean | null;
  auto_call?: boolean | null;
  auto_grant?: boolean | null;
  several_requests?: boolean | null;
  chair_priority?: ChairPriority | null;
  check_timeout?: number | null;
  prep_timeout?: number | null;
  arm_timeout?: number | null;
  drop_timeout?: number | null;
  revoke_grace?: number | null;
}

export interface Preflight {
  camera?: string;
  microphone?: string;
  voice?: boolean;
  speaker?: boolean;
  path?: string;
  kbps_up?: number;
  kbps_down?: number;
  loss_up?: number;
  loss_down?: number;
  rtt_ms?: number;
  verdict?: string;
  reason?: string;
  at?: number;
}

export type PriorityClass = "chair" | "point_of_order" | "reply" | "normal" | "written";

export interface ProgramView {
  source: string;
  layout: Layout;
  inset: string;
  since: number;
  site: string;
  slate: boolean;
  slides: boolean;
  shown: Layout;
  second?: PictureView | null;
}

export type Rank = "main" | "backup" | "standby";

export interface ReaddRequest {
  type: "readd_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  pending?: boolean;
  before?: string;
  at_head?: boolean;
}

export interface RegionView {
  code: string;
  name: Text;
}

export interface Rehearsal {
  type: "rehearsal";
  sites: Record<string, SiteRehearsal>;
  testing: Record<string, string>;
  calling?: Record<string, Call>;
}

export interface Rehearse {
  type: "rehearse";
  test: string;
  step: string;
  peer: string;
  notes?: Array<number>;
  tone_ms?: number;
  gap_ms?: number;
}

export interface ReleaseFloor {
  type: "release_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface RequestFloor {
  type: "request_floor";
  cmd_id: string;
  expected_rev?: number | null;
  name: string;
  title?: string;
  topic?: string;
  priority_class?: PriorityClass;
  site?: string;
  reply_to?: string;
}

export interface RequestView {
  id: string;
  site: string;
  name: string;
  title: string;
  topic: string;
  priority_class: PriorityClass;
  status: string;
  state: string;
  requested_at: number;
  reason: string;
  spoken: number;
  speeches: number;
  reply_to: string;
  reply_name: string;
  reply_site: string;
  readd_of: string;
  by: string;
  carried: number;
  counted: number;
  corrected: boolean;
  deck?: DeckView | null;
  grant?: GrantView | null;
}

export interface ResumeFloor {
  type: "resume_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface ReturnToQueue {
  type: "return_to_queue";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface RevokeFloor {
  type: "revoke_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  reason?: string;
}

export interface ServerLoadView {
  lag_ms?: number;
  drops?: number;
  cpu?: number;
}

export interface SetLayout {
  type: "set_layout";
  cmd_id: string;
  expected_rev?: number | null;
  layout: Layout;
}

export interface SetList {
  type: "set_list";
  cmd_id: string;
  expected_rev?: number | null;
  state: ListState;
}

export interface SetPolicy {
  type: "set_policy";
  cmd_id: string;
  expected_rev?: number | null;
  change: PolicyChange;
}

export interface SetPreview {
  type: "set_preview";
  cmd_id: string;
  expected_rev?: number | null;
  source: string;
  slot?: Slot;
}

export interface SiteAction {
  type: "site_action";
  action: ActionKind;
  site?: string;
  sites?: Array<string>;
  value?: string;
  cmd_id?: string;
}

export interface SiteRehearsal {
  marks?: Record<string, Mark>;
  measured?: Record<string, Mark>;
  baseline?: Baseline | null;
  reference?: Baseline | null;
  preflight?: Preflight | null;
  note?: string;
  signed_by?: string;
  signed_at?: number;
  former?: Array<Former>;
}

export interface SiteView {
  code: string;
  name: Text;
  venue: boolean;
  co_chair: boolean;
  region: string;
}

export interface SlidesEnded {
  type: "slides_ended";
  peer: string;
}

export type Slot = "main" | "inset";

export interface Slots {
  type: "slots";
  slots: Record<string, string>;
  watched?: Record<string, WatchedView>;
}

export interface SpeechView {
  request: string;
  name: string;
  site: string;
}

export interface SpokenView {
  speeches: number;
  seconds: number;
  overtime: number;
}

export interface StageView {
  event: Text;
  session: Text;
  session_id: string;
  date: string;
  time_zone: string;
  venue: string;
  sites: Record<string, SiteView>;
  program: ProgramView;
  requests: Record<string, RequestView>;
  speaking: Array<string>;
  lower_third?: LowerThird | null;
  list_state: ListState;
  agenda: Array<AgendaView>;
}

export interface StartItem {
  type: "start_item";
  cmd_id: string;
  expected_rev?: number | null;
  item: string;
}

export interface Stats {
  type: "stats";
  peer: string;
  page: PageStats;
}

export interface Status {
  type: "status";
  saving: boolean;
}

export interface Take {
  type: "take";
  cmd_id: string;
  expected_rev?: number | null;
  source?: string;
  layout?: Layout;
  inset?: string;
  slot?: Slot | null;
  preview?: string;
  preview_layout?: Layout | null;
  preview_inset?: string | null;
  override?: boolean;
}

export interface Talk {
  type: "talk";
  site: string;
  by?: string;
  peer?: string;
  speaking?: boolean;
  answering?: boolean;
}

export interface TalkAnswer {
  type: "talk_answer";
  peer: string;
  on: boolean;
}

export interface TalkTo {
  type: "talk_to";
  peer: string;
  site?: string;
  speaking?: boolean;
}

export interface TechnicianView {
  event: Text;
  session: Text;
  session_id: string;
  date: string;
  time_zone: string;
  venue: string;
  sites: Record<string, SiteView>;
  program: ProgramView;
  requests: Record<string, RequestView>;
  speaking: Array<string>;
  lower_third?: LowerThird | null;
  list_state: ListState;
  agenda: Array<AgendaView>;
  preview: ProgramView;
  queue: Array<string>;
  microphones: Array<string>;
  slides: Array<string>;
  regions: Array<RegionView>;
  points: Record<string, PointView>;
  orders: Record<string, Orders>;
}

export interface Text {
  vi: string;
  en: string;
}

export type TrackState = "live" | "muted" | "ended";

export interface UnacceptRequest {
  type: "unaccept_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface Undo {
  type: "undo";
  cmd_id: string;
  expected_rev?: number | null;
  rev?: number;
}

export interface UnfileRequest {
  type: "unfile_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  priority_class?: PriorityClass;
  pending?: boolean;
}

export interface UseDevice {
  type: "use_device";
  peer: string;
}

export interface VerdictView {
  cause?: string;
  evidence?: Record<string, number | string>;
}

export interface View {
  type: "view";
  rev: number;
  now: number;
  instance: string;
  you: You;
  view: Record<string, unknown>;
}

export interface Watch {
  type: "watch";
  peer: string;
  source?: string;
  slot?: string;
}

export interface WatchedView {
  site: string;
  since?: number | null;
}

export interface WithdrawGrant {
  type: "withdraw_grant";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface You {
  role: string;
  site?: string;
  name?: string;
  key?: string;
}

export type ClientCommand = RequestFloor | AcceptRequest | UnacceptRequest | FileRequest | UnfileRequest | ReaddRequest | ClearRequests | DenyRequest | CancelRequest | EditRequest | MoveRequest | ApplyProposal | CallOnDeck | CallFollowing | ReturnToQueue | ConfirmReturn | GrantFloor | WithdrawGrant | ReleaseFloor | RevokeFloor | KeepFloor | PauseFloor | ResumeFloor | ExtendFloor | CorrectTime | SetList | SetPolicy | Undo | SetPreview | SetLayout | Take | StartItem;

export type ClientMessage = RequestFloor | AcceptRequest | UnacceptRequest | FileRequest | UnfileRequest | ReaddRequest | ClearRequests | DenyRequest | CancelRequest | EditRequest | MoveRequest | ApplyProposal | CallOnDeck | CallFollowing | ReturnToQueue | ConfirmReturn | GrantFloor | WithdrawGrant | ReleaseFloor | RevokeFloor | KeepFloor | PauseFloor | ResumeFloor | ExtendFloor | CorrectTime | SetList | SetPolicy | Undo | SetPreview | SetLayout | Take | StartItem | Hello | Watch | Joined | PathReport | Stats | SlidesEnded | UseDevice | SiteAction | ActionDone | TalkTo | TalkAnswer | Acknowledge;

export type ServerMessage = View | Patch | Ack | Nack | Status | Links | Slots | Action | Talk | Rehearsal | Rehearse;

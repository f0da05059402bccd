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

export interface AgendaView {
  id: string;
  title: Text;
  starts_at: string;
  minutes: number;
  state: string;
  started_at: number;
}

export interface CancelRequest {
  type: "cancel_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  reason?: string;
}

export interface DenyRequest {
  type: "deny_request";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
  reason?: string;
}

export interface DirectionView {
  kbps?: number;
  loss?: number;
  jitter_ms?: number;
  width?: number;
  height?: number;
  fps?: number;
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

export interface GrantFloor {
  type: "grant_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export interface GrantView {
  id: string;
  phase: string;
  granted_at: number;
  live_since: number;
  used: number;
  limit: number;
  warning: number;
  ends_at: number;
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
  waiting: number;
  on_program: boolean;
  microphone_open: boolean;
}

export interface LinkView {
  pages?: number;
  devices?: number;
  publisher?: string;
  connected?: boolean;
  since?: number;
  rtt_ms?: number;
  score?: number;
  up?: DirectionView;
  down?: DirectionView;
}

export interface Links {
  type: "links";
  now: number;
  sites: Record<string, LinkView>;
}

export type ListState = "open" | "closed";

export interface LowerThird {
  name: string;
  title: string;
  site: string;
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

export interface Patch {
  type: "patch";
  rev: number;
  now: number;
  patch: Record<string, unknown>;
}

export interface PauseFloor {
  type: "pause_floor";
  cmd_id: string;
  expected_rev?: number | null;
  request: string;
}

export type PriorityClass = "chair" | "point_of_order" | "reply" | "normal" | "written";

export interface ProgramView {
  source: string;
  site: string;
  since: number;
}

export interface PublishHere {
  type: "publish_here";
  peer: string;
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
}

export interface RequestView {
  id: string;
  site: string;
  name: string;
  title: string;
  topic: string;
  priority_class: PriorityClass;
  status: string;
  requested_at: number;
  reason: string;
  spoken: number;
  speeches: number;
  grant?: GrantView | null;
}

export interface ResumeFloor {
  type: "resume_floor";
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

export interface SetList {
  type: "set_list";
  cmd_id: string;
  expected_rev?: number | null;
  state: ListState;
}

export interface SetPreview {
  type: "set_preview";
  cmd_id: string;
  expected_rev?: number | null;
  source: string;
}

export interface SiteView {
  code: string;
  name: Text;
  venue: boolean;
  co_chair: boolean;
  region: string;
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

export interface Status {
  type: "status";
  saving: boolean;
}

export interface Take {
  type: "take";
  cmd_id: string;
  expected_rev?: number | null;
  source?: string;
  preview?: string;
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
}

export interface Text {
  vi: string;
  en: string;
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
}

export interface You {
  role: string;
  site?: string;
  name?: string;
  key?: string;
}

export type ClientCommand = RequestFloor | AcceptRequest | DenyRequest | CancelRequest | EditRequest | MoveRequest | GrantFloor | ReleaseFloor | RevokeFloor | PauseFloor | ResumeFloor | ExtendFloor | SetList | SetPreview | Take | StartItem;

export type ClientMessage = RequestFloor | AcceptRequest | DenyRequest | CancelRequest | EditRequest | MoveRequest | GrantFloor | ReleaseFloor | RevokeFloor | PauseFloor | ResumeFloor | ExtendFloor | SetList | SetPreview | Take | StartItem | Hello | Watch | PublishHere;

export type ServerMessage = View | Patch | Ack | Nack | Status | Links;

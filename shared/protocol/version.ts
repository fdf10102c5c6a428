/** Version of the wire protocol between coordinator and agent; the hello exchange compares it. */
export const PROTOCOL_VERSION = 2;
/** Version of the product; the agent on a host must be of the coordinator's version. */
export const HOTPAIR_VERSION = '0.1.0';

/** Set by the bundler: the version and the hash of the bundle, e.g. "0.1.0+3f2a9c01d4e5". */
declare const HOTPAIR_BUILD: string | undefined;

/** What an agent says of itself in hello and health: its exact build; from the sources it is just the version. */
export const BUILD_VERSION: string = typeof HOTPAIR_BUILD === 'undefined' ? HOTPAIR_VERSION : HOTPAIR_BUILD;

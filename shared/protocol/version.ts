/** Version of the wire protocol between coordinator and agent; the hello exchange compares it. */
export const PROTOCOL_VERSION = 1;
/** Version of the product; the agent on a host must be of the coordinator's version. */
export const HOTPAIR_VERSION = '0.1.0';

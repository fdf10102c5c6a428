/**
 * keepalived.conf of one host: unicast VRRP 3 that moves the address, and nothing else. Who may hold it is in the
 * guard's permit file: "1" = may, everything else (missing, empty, garbage) = FAULT. Only the holder of the lease has
 * the permit, so a late advertisement cannot move the address, and the other host waits for one only. Pure.
 */

import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';

/**
 * Close to each other, and low enough that the skew, (256 - priority) / 256 of the interval, gives a host that resigns
 * 11 ms to take the address off before the other one puts it on: keepalived resigns first and removes it afterwards.
 */
const PRIORITY = { 1: 200, 2: 199 } as const;

export function renderKeepalived(pair: PairSpec, host: HostSpec, peer: HostSpec): string {
  return `# Written by hotpair; "coordinator deploy" puts it back.
global_defs {
  router_id ${host.name}
  enable_script_security
  script_user root
  vrrp_version 3
  vrrp_garp_master_delay 1
  vrrp_garp_master_repeat 3
  vrrp_garp_master_refresh 5
  vrrp_garp_lower_prio_repeat 3
  vrrp_no_swap
}

track_file permit {
  file "${HOST_PATHS.permit}"
  weight 0 reverse
  init_file 0 overwrite
}

vrrp_instance ${instanceName(pair)} {
  state BACKUP
  nopreempt
  interface ${host.interface}
  virtual_router_id ${pair.vrrp.virtualRouterId}
  priority ${PRIORITY[host.ordinal]}
  advert_int ${pair.vrrp.advertIntervalMs / 1000}
  down_timer_adverts 1
  unicast_src_ip ${host.address}
  unicast_peer {
    ${peer.address}
  }
  check_unicast_src
  virtual_ipaddress {
    ${pair.vip}/${pair.vipPrefix} dev ${host.interface}
  }
  track_file {
    permit
  }
}
`;
}

function instanceName(pair: PairSpec): string {
  return `VI_${pair.name.toUpperCase().replaceAll('-', '_')}`;
}

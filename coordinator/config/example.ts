/** The commented file that `coordinator init` writes. It is valid as it stands; addresses are for the user to change. */

export const EXAMPLE = `# hotpair.yaml: the pairs of database hosts that this coordinator deploys and watches.
# coordinator check validates it; unknown keys are errors. Every key is explained in docs/configuration.md.

pairs:
  orders:                          # name of the pair: lower-case letters, digits, hyphens
    vip: 10.88.0.10/24             # clients connect here; the network must hold both hosts
    hosts:
      db1:
        address: 10.88.0.11        # IPv4 address for replication, the agent and the guard
        interface: eth0            # the network interface that carries the VIP
        # ssh: root@10.88.0.11     # where the agent is installed from; default root@ADDRESS
      db2:
        address: 10.88.0.12
        interface: eth0

    # Everything below is optional; the values are the defaults unless it says otherwise.
    database:
      flavor: mariadb
      port: 3306
      # settings:                  # your own server settings; none by default
      #   innodb_buffer_pool_size: 1G
      #   max_connections: 500
      # application:               # created on both hosts and reachable through the VIP; none by default
      #   database: shop
      #   user: shop
      #   password_file: shop.password   # without it a password is generated and kept by the coordinator
      #   from: '%'                # hosts that may use the account
    protection: availability       # or consistency: without a standby nothing is acknowledged
    fence: nftables                # or none, for kernels without nftables: see limits.md before
    vrrp:                          # how keepalived moves the VIP; who may have it the votes decide
      virtual_router_id: 51        # 1 to 255, unique in the network segment
      advert_interval: 50ms        # 10ms to 10s; the VIP follows a decision after about one of them

# reports:                         # health reports by schedule; none by default. Several schedules: docs/reports.md
#   schedule: daily                # or weekly, monthly (at 08:00), or cron: "0 8 * * *"
#   timezone: Asia/Shanghai        # default UTC
#   language: en                   # or zh
#   to:
#     - folder: /var/lib/hotpair/outbox
#     - email: dba@example.org     # needs coordinator.smtp
#     - webhook: https://chat.example.org/hooks/pairs
#       format: slack              # or json

# alerts:                          # who is told at once; none by default. Try it: coordinator alert test
#   receivers:
#     dba: { format: email, to: dba@example.org }        # needs coordinator.smtp
#     group: { format: dingtalk, url_file: dingtalk.url, secret_file: dingtalk.secret, language: zh }
#     boss: { format: slack, url_file: slack.url, severity: critical, after: 15m }
#   timezone: Asia/Shanghai        # default UTC
#   quiet_hours: 22:00-07:30       # warnings wait, what is critical does not
#   rules:
#     solo: { for: 30m }           # the rules and their defaults are in docs/alerts.md

coordinator:
  listen: 127.0.0.1:8080           # the daemon's own address
  data: /var/lib/hotpair           # keys, secrets, events, reports; relative paths count from this file
  agent_port: 7433
  # ssh_config: ssh_config         # file for ssh -F; default: the system's own
  # smtp:
  #   host: mail.example.org
  #   port: 587
  #   from: hotpair@example.org
  #   user: hotpair
  #   password_file: smtp.password
  #   tls: starttls                # or implicit, none
`;

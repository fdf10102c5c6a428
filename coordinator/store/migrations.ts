/** The schema of the store, as the list of steps that lead to it. A step that was released is never edited. */

export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE events (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     time INTEGER NOT NULL,
     pair TEXT NOT NULL,
     host TEXT,
     kind TEXT NOT NULL,
     message TEXT NOT NULL,
     data TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_by_time ON events (time);
   CREATE INDEX events_by_kind ON events (kind, pair, id);
   CREATE TABLE runs (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     command TEXT NOT NULL,
     pair TEXT NOT NULL,
     started INTEGER NOT NULL,
     ended INTEGER,
     outcome TEXT,
     changes INTEGER
   ) STRICT;
   CREATE TABLE run_steps (
     run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     position INTEGER NOT NULL,
     step TEXT NOT NULL,
     outcome TEXT NOT NULL,
     changes INTEGER NOT NULL,
     duration_ms INTEGER NOT NULL,
     message TEXT NOT NULL,
     PRIMARY KEY (run, position)
   ) STRICT;`,
  `CREATE TABLE decisions (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     time INTEGER NOT NULL,
     pair TEXT NOT NULL,
     host TEXT NOT NULL,
     decision TEXT NOT NULL,
     at INTEGER NOT NULL,
     data TEXT NOT NULL,
     UNIQUE (pair, host, decision, at)
   ) STRICT;
   CREATE INDEX decisions_by_time ON decisions (pair, time);
   CREATE INDEX decisions_by_host ON decisions (pair, host, id);`,
  `CREATE INDEX events_by_pair ON events (pair, id);
   CREATE TABLE tokens (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL,
     role TEXT NOT NULL,
     hash BLOB NOT NULL,
     created INTEGER NOT NULL,
     expires INTEGER,
     revoked INTEGER
   ) STRICT;
   CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked IS NULL;
   CREATE TABLE audit (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     time INTEGER NOT NULL,
     actor TEXT NOT NULL,
     source TEXT NOT NULL,
     action TEXT NOT NULL,
     target TEXT NOT NULL,
     outcome TEXT NOT NULL,
     data TEXT NOT NULL,
     previous TEXT NOT NULL,
     hash TEXT NOT NULL
   ) STRICT;
   CREATE TABLE jobs (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     command TEXT NOT NULL,
     pair TEXT NOT NULL,
     dry_run INTEGER NOT NULL,
     actor TEXT NOT NULL,
     idempotency TEXT,
     body TEXT NOT NULL,
     state TEXT NOT NULL,
     created INTEGER NOT NULL,
     ended INTEGER,
     outcome TEXT
   ) STRICT;
   CREATE UNIQUE INDEX jobs_by_key ON jobs (actor, idempotency) WHERE idempotency IS NOT NULL;
   CREATE TABLE samples (
     pair TEXT NOT NULL,
     step INTEGER NOT NULL,
     time INTEGER NOT NULL,
     lag INTEGER,
     gap INTEGER,
     commits INTEGER,
     connections INTEGER,
     served INTEGER,
     sync INTEGER,
     load_a INTEGER,
     load_b INTEGER,
     disk_a INTEGER,
     disk_b INTEGER,
     PRIMARY KEY (pair, step, time)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE INDEX events_by_pair_time ON events (pair, time);
   CREATE INDEX events_of_kind ON events (kind, id);`,
  `CREATE TABLE alerts (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     key TEXT NOT NULL,
     closed INTEGER,
     data TEXT NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX alerts_open ON alerts (key) WHERE closed IS NULL;
   CREATE TABLE alert_progress (one INTEGER PRIMARY KEY CHECK (one = 1), event INTEGER NOT NULL) STRICT;
   CREATE TABLE outbox (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     uuid TEXT NOT NULL,
     alert INTEGER NOT NULL,
     receiver TEXT NOT NULL,
     message TEXT NOT NULL,
     created INTEGER NOT NULL,
     due INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     ended INTEGER,
     error TEXT
   ) STRICT;
   CREATE INDEX outbox_pending ON outbox (receiver, alert, id) WHERE ended IS NULL;`,
  `CREATE TABLE outages (
     event INTEGER PRIMARY KEY,
     pair TEXT NOT NULL,
     ended INTEGER NOT NULL,
     data TEXT NOT NULL
   ) STRICT;
   CREATE INDEX outages_by_pair ON outages (pair, ended);`,
  // More is told of an outage from here on: the daemon writes its rows anew, from events and decisions.
  'DELETE FROM outages;',
];

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
];

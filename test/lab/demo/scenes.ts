/** What is done to the pair under the eyes of a client, one after the other: two faults, and a planned switchover. */

import { setTimeout as delay } from 'node:timers/promises';
import type { LabCoordinator } from '../../support/lab-coordinator.ts';
import type { Lab, LabHost } from '../lab.ts';
import { monotonicMs } from '../load/clock.ts';
import type { PairUnderTest } from '../load/pair-under-test.ts';
import { show } from './processes.ts';
import type { Story } from './story.ts';

export interface Stage {
  readonly lab: Lab;
  readonly pair: PairUnderTest;
  readonly coordinator: LabCoordinator;
  readonly story: Story;
  readonly signal: AbortSignal;
}

export interface Struck {
  /** monotonicMs() when it began. */
  readonly at: number;
  /** Ends the fault, once the other host serves; absent: it ends by itself. */
  readonly relent?: () => Promise<void>;
}

export interface Scene {
  readonly name: 'kill' | 'partition' | 'switchover';
  title(primary: LabHost, standby: LabHost): string;
  /** What happened until the pair was in SYNC again; null: the scene's own command has told it. */
  back(primary: LabHost): string | null;
  strike(stage: Stage, primary: LabHost, standby: LabHost): Promise<Struck>;
}

/** How long the old primary stays cut off while the new one serves. */
const cutMs = 1000;

export const scenes: readonly Scene[] = [
  {
    name: 'kill',
    title: ({ name }) => `The server on ${name} is killed`,
    back: ({ name }) => `after the kill ${name} was the standby, by itself, and commits waited for it`,
    async strike({ lab, story }, primary) {
      const pid = await primary.pidOf('mariadb.service');
      story.command(`kill -9 ${pid}    # the server on ${primary.name}`);
      const at = monotonicMs();
      await lab.faults.killProcess(primary.name, pid);
      return { at };
    },
  },
  {
    name: 'partition',
    title: ({ name }, standby) => `${name} is cut off from ${standby.name} and from the coordinator`,
    back: ({ name }) => `after that ${name} was the standby, by itself, and commits waited for it`,
    async strike({ lab, story, signal }, { name }, standby) {
      story.line(`Clients reach both hosts as before; ${name} cannot know that it is ${name} that is alone.`);
      const at = monotonicMs();
      const heal = await lab.faults.partition([name], [standby.name, 'operator']);
      return {
        at,
        relent: async () => {
          await delay(cutMs, undefined, { signal });
          await heal();
          story.line(`The network is whole again: ${name} hears what was decided without it, and follows.`);
        },
      };
    },
  },
  {
    name: 'switchover',
    title: ({ name }, standby) => `${name} hands over to ${standby.name}, as for maintenance`,
    back: () => null,
    async strike({ coordinator, story, signal }, _primary, standby) {
      const at = monotonicMs();
      const args = ['switchover', '--to', standby.name, '--yes'];
      await show(args.join(' '), coordinator.argv(...args), story, signal);
      return { at };
    },
  },
];

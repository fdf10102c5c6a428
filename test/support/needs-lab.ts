// Whether this machine can run the lab; tests that need real hosts are skipped with the reason where it cannot.
import { labRefusal } from '../lab/requirements.ts';

/** For tap's `skip`: false where the lab runs, else the reason, which tap prints. */
export function needsLab(): false | string {
  return labRefusal() ?? false;
}

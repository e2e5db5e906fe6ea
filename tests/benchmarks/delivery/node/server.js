// The same flow on Node: a namespace per community, `join`, and `chat` stored (WAL, FULL) before it is acknowledged.
const { createServer } = require('http');
const { Server } = require('socket.io');
const Database = require('better-sqlite3');

const [port, file] = process.argv.slice(2);
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE chat (seq INTEGER PRIMARY KEY, channelId TEXT, id INTEGER, senderId TEXT, content TEXT, nonce TEXT,
                     createdAt TEXT, UNIQUE (channelId, id));
  CREATE TABLE receipt (senderId TEXT, nonce TEXT, id INTEGER, PRIMARY KEY (senderId, nonce)) WITHOUT ROWID;
`);
const insert = db.prepare('INSERT INTO chat (channelId, id, senderId, content, nonce, createdAt) VALUES (?, ?, ?, ?, ?, ?)');
const seen = db.prepare('SELECT id FROM receipt WHERE senderId = ? AND nonce = ?');
const keep = db.prepare('INSERT INTO receipt (senderId, nonce, id) VALUES (?, ?, ?)');
const lastIds = new Map();

const store = db.transaction((senderId, communityId, payload) => {
  const { channelId, content, nonce } = payload;
  if (seen.get(senderId, nonce)) return null;
  const id = (lastIds.get(channelId) || 0) + 1;
  const now = new Date().toISOString();
  insert.run(channelId, id, senderId, content, nonce, now);
  keep.run(senderId, nonce, id);
  lastIds.set(channelId, id);
  return {
    id, channelId, communityId, senderId, type: 'TEXT', content, createdAt: now, updatedAt: now, deletedAt: null,
    rev: id, nonce, replyTo: null, mentions: [], mentionsAll: false, reactions: {}, pinned: false,
  };
});

const http = createServer();
const io = new Server(http, { transports: ['websocket', 'polling'] });
const communities = io.of(/^\/socket\/commu-.+$/);
communities.use((socket, next) => {
  const token = socket.handshake.auth.token;
  if (!token) return next(new Error('unauthorized'));
  socket.data.user = token;
  next();
});
communities.on('connection', (socket) => {
  const communityId = socket.nsp.name.slice('/socket/commu-'.length);
  socket.on('join', (payload, acknowledge) => {
    for (const channelId of payload.channels) socket.join(channelId);
    acknowledge({ ok: true });
  });
  socket.on('chat', (payload, acknowledge) => {
    const chatInfo = store(socket.data.user, communityId, payload);
    if (!chatInfo) return acknowledge({ written: false });
    socket.to(payload.channelId).emit('new-chat', chatInfo);
    acknowledge({ written: true, chatInfo });
  });
});
http.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 }, () => console.log(`listening ${http.address().port}`));

// The API server of the original's shape, on Node: stores a message (WAL, FULL) for each request, and answers it.
const { createServer } = require('http');
const Database = require('better-sqlite3');

const db = new Database(process.argv[2]);
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

const http = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(parts).toString());
    const answer = request.url === '/chat'
      ? { chatInfo: store(body.senderId, body.communityId, body.payload) }
      : { userId: body.token };
    const text = JSON.stringify(answer);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  });
});
http.keepAliveTimeout = 60000;
http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`listening ${http.address().port}`));

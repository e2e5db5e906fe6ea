// The socket server of the original's shape, on Node: asks the API over HTTP to store each message, and broadcasts what
// the API answered. Connections are kept alive.
const http = require('http');
const { Server } = require('socket.io');

const apiPort = Number(process.argv[2]);
const agent = new http.Agent({ keepAlive: true });

function ask(path, body, done) {
  const text = JSON.stringify(body);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  const request = http.request({ agent, host: '127.0.0.1', port: apiPort, path, method: 'POST', headers }, (response) => {
    const parts = [];
    response.on('data', (part) => parts.push(part));
    response.on('end', () => done(null, JSON.parse(Buffer.concat(parts).toString())));
  });
  request.on('error', (error) => done(error));
  request.end(text);
}

const server = http.createServer();
const io = new Server(server, { transports: ['websocket', 'polling'] });
const communities = io.of(/^\/socket\/commu-.+$/);
communities.use((socket, next) => {
  ask('/session', { token: socket.handshake.auth.token }, (error, answer) => {
    if (error || !answer.userId) return next(new Error('unauthorized'));
    socket.data.user = answer.userId;
    next();
  });
});
communities.on('connection', (socket) => {
  const communityId = socket.nsp.name.slice('/socket/commu-'.length);
  socket.on('join', (payload, acknowledge) => {
    for (const channelId of payload.channels) socket.join(channelId);
    acknowledge({ ok: true });
  });
  socket.on('chat', (payload, acknowledge) => {
    ask('/chat', { senderId: socket.data.user, communityId, payload }, (error, answer) => {
      if (error || !answer.chatInfo) return acknowledge({ written: false });
      socket.to(payload.channelId).emit('new-chat', answer.chatInfo);
      acknowledge({ written: true, chatInfo: answer.chatInfo });
    });
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`listening ${server.address().port}`));

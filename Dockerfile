# One image for every process of ours: the worker (default), the session directory, a Messaging
# instance, and the command line.
#   docker run … evenkeel worker            docker run … --entrypoint node evenkeel dist/src/messaging/instance-main.js
#   docker run … evenkeel status --json     docker run … --entrypoint node evenkeel dist/src/directory/main.js
# `npm run image -- DIRECTORY` runs its steps without an engine (stack/image/); tests start the result.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY stack stack
COPY src src
COPY workflows workflows
COPY activities activities
COPY console console
# TypeScript, then the workflows as one prebuilt file: every worker of a version runs the same code.
RUN npm run -s build && rm -rf dist/.tsbuildinfo dist/.sources
# What is only needed to build goes; what the package leaves to its users stays.
RUN node stack/image/keep-peers.mjs && npm prune --omit=dev

FROM node:20-bookworm-slim
# Temporal's native client looks for the system's certificates.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
# Inside of a container its own address is the only way in.
ENV EVENKEEL_HOST=0.0.0.0
# Probes and metrics of whatever process runs here.
ENV EVENKEEL_PROBE_PORT=9464
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
USER node
# Only that the process moves: a slow dependency is no reason to end it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.EVENKEEL_PROBE_PORT}/healthz/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["worker"]

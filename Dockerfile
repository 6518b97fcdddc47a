# One image for every process of ours: the worker (default), the session directory, a Messaging
# instance, and the command line.
#   docker run … evenkeel worker            docker run … --entrypoint node evenkeel dist/src/messaging/instance-main.js
#   docker run … evenkeel status --json     docker run … --entrypoint node evenkeel dist/src/messaging/directory-main.js

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY stack stack
COPY src src
COPY workflows workflows
COPY activities activities
COPY examples examples
# TypeScript, then the workflows as one prebuilt file: every worker of a version runs the same code.
RUN npm run -s build && rm -rf dist/.tsbuildinfo dist/examples

FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:20-bookworm-slim
# Temporal's native client looks for the system's certificates.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
# Inside of a container its own address is the only way in.
ENV EVENKEEL_HOST=0.0.0.0
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
USER node
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["worker"]

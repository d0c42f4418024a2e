# n8n with the node pack. Build context: the top level of the project.
FROM node:24-alpine AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY n8n-nodes n8n-nodes
COPY schemas schemas
RUN npm ci --ignore-scripts && npm run build -w n8n-nodes-ytempire

FROM n8nio/n8n:2.41.1
# Beside n8n's folder, which a volume hides: the pods copy it there.
COPY --from=build /src/n8n-nodes/package.json /opt/n8n-nodes-ytempire/
COPY --from=build /src/n8n-nodes/dist /opt/n8n-nodes-ytempire/dist

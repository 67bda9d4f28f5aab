# A cluster with nginx, Redis, Prometheus and Grafana in containers: docs/DEPLOYMENT_GUIDE.md.
# Building and testing without containers: ./dev.
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
DOCKER ?= docker
# Nodes in all; empty: as many as there are, at first one.
SCALE ?=
# Where node-1 is waited for; empty: asked of compose.
URL ?=
WAIT_S ?= 180

# Every node of the cluster has all that it was given and there is a leader, or the time is over.
await = url=$(URL); url=$${url:-http://$$($(COMPOSE) port node-1 4040)}; \
  settled() { \
    curl -fs -m 2 -o /dev/null "$$url/ready" || return; \
    status=$$(curl -fs -m 2 "$$url/api/v1/cluster") || return; \
    case $$status in *'"leader":null'*|*'"state":"down"'*|*'"state":"joining"'*) return 1 ;; esac; \
    [ "$$(printf %s "$$status" | grep -o '"cluster_address"' | wc -l)" -ge "$$nodes" ]; \
  }; \
  await() { \
    for second in $$(seq $(WAIT_S)); do if settled; then return; fi; sleep 1; done; \
    echo "not ready within $(WAIT_S) s; look at: make logs" >&2; exit 1; \
  }

.PHONY: help build up restart down logs remove

help:
	@echo "usage: make COMMAND"
	@echo
	@echo "  build       build the image of the nodes"
	@echo "  up SCALE=4  start everything with so many nodes; returns when all of them are up"
	@echo "  restart     restart the nodes one after the other; clients of nginx notice nothing"
	@echo "  logs        follow the logs of all services"
	@echo "  down        stop everything; containers and data stay"
	@echo "  remove      remove the containers, and with them the data of all nodes but node-1, which then has no majority"

build:
	$(COMPOSE) build node-1 node

# Nodes that are there are not made anew: those that join would all get other addresses at once.
up:
	@there=$$($(COMPOSE) ps -a -q node | wc -l); scale=$(SCALE); nodes=$${scale:-$$((there + 1))}; \
	if [ "$$nodes" -le "$$there" ]; then \
	  echo "SCALE=$$nodes, and there are $$((there + 1)) nodes: take one out first, docs/DEPLOYMENT_GUIDE.md" >&2; exit 1; \
	fi; \
	$(COMPOSE) up -d --no-recreate --scale node=$$((nodes - 1)) || exit; \
	$(await); await; \
	echo "MosaicDB    http://$$($(COMPOSE) port nginx 80)   ($$nodes nodes; the port of node-1: $$url)"; \
	echo "Grafana     http://127.0.0.1:3000"; \
	echo "Prometheus  http://127.0.0.1:9090"

# The next one is stopped when the one before has everything again.
restart:
	@all=$$($(COMPOSE) ps -q node-1; $(COMPOSE) ps -q node); nodes=$$(echo "$$all" | wc -l); $(await); await; \
	for node in $$all; do $(DOCKER) restart -t 35 "$$node" && await; done

logs:
	$(COMPOSE) logs -f --tail 100

down:
	$(COMPOSE) stop

remove:
	$(COMPOSE) down

# A node with nginx, Redis, Prometheus and Grafana in containers: docs/DEPLOYMENT_GUIDE.md.
# Building and testing without containers: ./dev.
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
# Where `up` waits for the node; empty: asked of compose.
URL ?=
WAIT_S ?= 180

.PHONY: help build up restart down logs

help:
	@echo "usage: make COMMAND"
	@echo
	@echo "  build    build the image of the node"
	@echo "  up       start everything; returns when searches are answered"
	@echo "  restart  restart the node alone; its data stays"
	@echo "  logs     follow the logs of all services"
	@echo "  down     stop and remove the containers; the data stays in its volumes"

build:
	$(COMPOSE) build mosaic

# nginx looks the node's address up once; after an upgrade it may be another.
up:
	$(COMPOSE) up -d
	@url=$(URL); url=$${url:-http://$$($(COMPOSE) port mosaic 4040)}; \
	for second in $$(seq $(WAIT_S)); do \
	  if curl -fs -m 2 -o /dev/null "$$url/ready"; then \
	    $(COMPOSE) exec -T nginx nginx -s reload; \
	    echo "MosaicDB    http://$$($(COMPOSE) port nginx 80)   (its own port: $$url)"; \
	    echo "Grafana     http://127.0.0.1:3000"; \
	    echo "Prometheus  http://127.0.0.1:9090"; \
	    exit 0; \
	  fi; \
	  sleep 1; \
	done; \
	echo "not ready within $(WAIT_S) s; look at: make logs" >&2; exit 1

restart:
	$(COMPOSE) restart mosaic

logs:
	$(COMPOSE) logs -f --tail 100

down:
	$(COMPOSE) down

# Every task of the house; `make help` lists them. Tasks are short: the work stands in ops/.
.DEFAULT_GOAL := help
.PHONY: help setup lock

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## build both environments from their locks (run, test and the others do it themselves)
	@sh ops/setup.sh

lock: ## recompile the locks from the project files (UPGRADE=1 takes newer versions)
	@sh ops/setup.sh tools && sh ops/lock.sh

# Every task of the house; `make help` lists them. Tasks are short: the work stands in ops/.
.DEFAULT_GOAL := help
.PHONY: help setup run test train shell staff evaluate bench knowledge format backup restore lock

PYTHON := .venvs/desk/bin/python
BOT := .venvs/bot/bin

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## build both environments from their locks (the other tasks do it themselves)
	@sh ops/setup.sh

run: ## open the whole house: bot, action server, desk and worker; Ctrl-C closes it
	@ops/run

test: ## run every check, journeys in a browser last (ONLY=desk runs the steps so named)
	@sh ops/setup.sh dev
	@$(PYTHON) -m ops.run_tests

train: setup ## train the model, if none in models/ matches what stands here
	@$(PYTHON) -m ops.model

shell: setup ## talk to the bot alone, in the terminal
	@$(PYTHON) -m ops.shell

staff: setup ## make a staff account or reset it: NAME=ana ROLE=specialist (password: standard input or made up)
	@$(PYTHON) -m ops.manage staff $(NAME) $(ROLE)

evaluate: train ## measure how well a whole house understands held-out messages (HOUSE_URL=... a running one)
	@sh ops/setup.sh dev
	@$(BOT)/python -m tests.nlu.understanding

bench: setup ## measure the house, growth, public sets and competitors (ONLY=growth one of them)
	@$(PYTHON) -m ops.bench

knowledge: ## check entries, notices and responses: rules, reading grade, style
	@sh ops/setup.sh dev
	@$(BOT)/python -m knowledge check --domain domain.yml

format: ## put all Python into the house's style
	@sh ops/setup.sh dev
	@$(BOT)/ruff check --fix . ; $(BOT)/ruff format .

backup: setup ## save database and erasure ledger into DATA_DIR/backups
	@$(PYTHON) -m ops.backup

restore: setup ## bring back FILE=..., then erase again what was erased since
	@$(PYTHON) -m ops.restore "$(FILE)"

lock: ## recompile the locks from the project files (UPGRADE=1 takes newer versions)
	@sh ops/setup.sh tools && sh ops/lock.sh

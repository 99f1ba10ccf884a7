"""What Alembic runs for every set of migrations; ``licbot.store.migrate`` hands it the rest."""

from alembic import context

context.configure(**context.config.attributes["configure"])
with context.begin_transaction():
    context.run_migrations()
